using System.Net;
using System.Net.Sockets;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Etl.Tests.Sources;

public sealed class A_mongo_source : IAsyncLifetime
{
    const string Canary = "s3cr3t-canary", EncodedCanary = "s3cr3t%2Dcanary";

    readonly MongoTestServer mongo = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => mongo.DisposeAsync();

    [Fact]
    public async Task Says_what_it_is_and_that_it_is_an_emulator()
    {
        var first = await mongo.Source.DescribeAsync(CancellationToken.None);
        var second = await mongo.Source.DescribeAsync(CancellationToken.None);
        Assert.StartsWith("emulator of mongodb ", first.Name);
        Assert.EndsWith($"at {mongo.Server.Uri.TrimEnd('/')}", first.Name);
        Assert.True(second.ClusterTime >= first.ClusterTime && first.ClusterTime > 0);
    }

    [Fact]
    public async Task Names_missing_collections_and_near_ones()
    {
        foreach (string name in (string[])["user", "Groups", "messages"])
            await mongo.InsertAsync([MongoTestServer.Numbered(1)], name);
        var missing = await mongo.Source.FindMissingAsync(mongo.Contract.Datasets, CancellationToken.None);
        Assert.Equal(["users", "groups"], missing.Select(m => m.Dataset.Name));
        Assert.Contains("'secondNature.users' does not exist", missing[0].Message);
        Assert.Contains("'user'", missing[0].Message);
        Assert.Contains("'Groups'", missing[1].Message);
    }

    [Fact]
    public async Task Tells_an_empty_collection_from_a_missing_one()
    {
        await mongo.InsertAsync([MongoTestServer.Numbered(1)]);
        await mongo.DeleteAsync(MongoTestServer.Numbered(1));
        Assert.Equal(["groups", "messages"], (await mongo.Source.FindMissingAsync(mongo.Contract.Datasets, CancellationToken.None)).Select(m => m.Dataset.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mongodb:/x")]
    [InlineData("mongodb://")]
    [InlineData($"mongodb://me:{Canary}@/")]
    [InlineData($"mongodb://me:{Canary}@h:0/")]
    [InlineData($"mongodb://me:{EncodedCanary}@h:70000/")]
    [InlineData($"mongodb://me:{Canary}@h:x/")]
    [InlineData($"mongodb://me:{Canary}@h@h/")]
    [InlineData($"mongodb://me:{Canary}%zz@h/")]
    [InlineData($"mongodb://me:{Canary}/@h/")]
    [InlineData($"mongodb://me:{Canary}?x@h/")]
    [InlineData($"mongodb://me:{Canary}?x@h/?w=1")]
    [InlineData($"mongodb://me:{EncodedCanary}@h/?nosuch=1")]
    [InlineData($"mongodb://me:{EncodedCanary}@h/?tls=perhaps")]
    [InlineData($"mongodb://{Canary}:{Canary}@h/?w=x&nosuch={Canary}")]
    [InlineData($"https://me:{Canary}@h/")]
    [InlineData($"me:{Canary}@h")]
    [InlineData(Canary)]
    public void Refuses_a_wrong_URI_in_one_line_without_its_password(string uri)
    {
        var failure = Assert.Throws<UsageException>(() => MongoConnection.Open(uri));
        Assert.DoesNotContain('\n', failure.Message);
        Assert.DoesNotContain("canary", failure.Message);
        Assert.True(failure.Message.Length > 30, failure.Message);
    }

    [Theory]
    [InlineData($"me:{Canary}@")]
    [InlineData($"me:{EncodedCanary}@")]
    public async Task Names_an_unreachable_server_without_the_password(string login)
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        await using var source = new MongoSource($"mongodb://{login}127.0.0.1:{port}/?serverSelectionTimeoutMS=300", mongo.Contract);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => source.DescribeAsync(CancellationToken.None));
        Assert.Contains($"mongodb://127.0.0.1:{port} cannot be reached", failure.Message);
        Assert.DoesNotContain("canary", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Whose_hosts_the_DNS_does_not_know_is_unavailable()
    {
        var failure = Assert.Throws<UnavailableException>(() => MongoConnection.Open($"mongodb+srv://me:{Canary}@cluster.example.invalid/?appName=x"));
        Assert.Contains("mongodb+srv://cluster.example.invalid", failure.Message);
        Assert.Contains("cannot be looked up", failure.Message);
        Assert.DoesNotContain("canary", $"{failure}");
    }

    [Theory]
    [InlineData("mongodb+srv://h.invalid:27017/")] // a port
    [InlineData("mongodb+srv://a.invalid,b.invalid/")] // two names
    public void Refuses_a_lookup_that_cannot_be(string uri) => Assert.Throws<UsageException>(() => MongoConnection.Open(uri));

    [Theory]
    [InlineData("readPreference=secondaryPreferred")]
    [InlineData("readPreference=nearest&readPreferenceTags=dc:ny&readPreferenceTags=&maxStalenessSeconds=120")]
    [InlineData("readConcernLevel=local")]
    [InlineData("readConcernLevel=majority")]
    [InlineData("readConcernLevel=linearizable")]
    [InlineData("replicaSet=rs0&retryReads=false")]
    public async Task Reads_as_the_URI_wishes(string options)
    {
        await using var other = new MongoTestServer("?" + options);
        await other.InsertAsync(Enumerable.Range(0, 2_500).Select(MongoTestServer.Numbered));
        Assert.Equal(2_500, (await MongoTestServer.ReadAsync(other.Source.Scan(other.Users, ScanRange.Whole, null))).Sum(b => b.Length));
        Assert.Equal(2_500, await other.Source.EstimateAsync(other.Users, CancellationToken.None));
        Assert.Empty(await other.Source.SplitAsync(other.Users, 4, CancellationToken.None));
        Assert.Empty(other.Source.Effort.Remarks);
    }

    [Fact]
    public void Tells_all_options_that_are_out_of_range()
    {
        var failure = Assert.Throws<UsageException>(() => new MongoSource(mongo.Server.Uri, mongo.Contract, new MongoOptions { Attempts = 0, SocketTimeout = -1 }));
        Assert.Contains("Attempts", failure.Message);
        Assert.Contains("SocketTimeout", failure.Message);
    }

    [Fact]
    public async Task Says_when_all_its_connections_are_in_use()
    {
        await using var small = new MongoTestServer(mongo: MongoTestServer.Quick with { MaxConnections = 2, MaxWaitForConnection = 200 });
        await small.InsertAsync(Enumerable.Range(0, 5_000).Select(MongoTestServer.Numbered));
        var scans = Enumerable.Range(0, 2).Select(_ => small.Source.Scan(small.Users, ScanRange.Whole, null)).ToList();
        foreach (var scan in scans)
            await scan.ReadAsync(new DocumentBatch(maxDocuments: 10), CancellationToken.None);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => MongoTestServer.ReadAsync(small.Source.Scan(small.Users, ScanRange.Whole, null)));
        Assert.Contains("All 2 connections", failure.Message);
        foreach (var scan in scans)
            await scan.DisposeAsync();
        Assert.Equal(5_000, (await MongoTestServer.ReadAsync(small.Source.Scan(small.Users, ScanRange.Whole, null))).Sum(b => b.Length));
    }

    [Fact]
    public async Task Reads_the_database_that_the_URI_names()
    {
        await mongo.InsertAsync([MongoTestServer.Numbered(1)]);
        await using var elsewhere = new MongoSource(mongo.Server.Uri + "elsewhere", mongo.Contract);
        Assert.Equal(3, (await elsewhere.FindMissingAsync(mongo.Contract.Datasets, CancellationToken.None)).Count);
        Assert.Equal(2, (await mongo.Source.FindMissingAsync(mongo.Contract.Datasets, CancellationToken.None)).Count);
    }
}
