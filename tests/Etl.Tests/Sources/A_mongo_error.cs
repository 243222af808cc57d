using Chaos.MongoEmulator.FailPoints;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Etl.Tests.Sources;

public sealed class A_mongo_error : IAsyncLifetime
{
    readonly MongoTestServer mongo = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => mongo.DisposeAsync();

    static byte[] Ping => Bson.Make(w => w.Write("ping", 1));

    async Task<MongoException> PingAsync(CommandFailure failure, string options = "")
    {
        mongo.Server.FailCommand.Set(FailPointMode.Times(1), failure with { Commands = ["ping"] });
        using var connection = MongoConnection.Open(mongo.Server.Uri + options);
        return await Assert.ThrowsAsync<MongoException>(() => connection.CommandAsync("admin", Ping));
    }

    [Theory]
    [InlineData(43, "CursorNotFound", true, false)]
    [InlineData(50, "MaxTimeMSExpired", true, true)]
    [InlineData(91, "ShutdownInProgress", true, false)]
    [InlineData(189, "PrimarySteppedDown", true, false)]
    [InlineData(262, "ExceededTimeLimit", true, true)]
    [InlineData(10107, "NotWritablePrimary", true, false)]
    [InlineData(11600, "InterruptedAtShutdown", true, false)]
    [InlineData(11602, "InterruptedDueToReplStateChange", true, false)]
    [InlineData(13435, "NotPrimaryNoSecondaryOk", true, false)]
    [InlineData(2, "BadValue", false, false)]
    [InlineData(13, "Unauthorized", false, false)]
    [InlineData(59, "CommandNotFound", false, false)]
    [InlineData(175, "QueryPlanKilled", false, false)]
    [InlineData(11000, "DuplicateKey", false, false)]
    public async Task Of_the_server_has_its_code_name_host_and_says_whether_it_passes(int code, string name, bool passes, bool timeOut)
    {
        var e = await PingAsync(new CommandFailure { Commands = [], ErrorCode = code });
        Assert.Equal((17u, (uint)code, name), (e.Domain, e.Code, e.CodeName));
        Assert.Equal($"127.0.0.1:{mongo.Server.Port}", e.Host);
        Assert.Equal((passes, timeOut, true), (e.IsPassing, e.IsTimeOut, e.IsFromServer));
        Assert.Equal(code == 13, e.IsForbidden);
    }

    [Fact]
    public async Task Of_the_server_carries_its_labels()
    {
        var e = await PingAsync(new CommandFailure { Commands = [], ErrorCode = 91, ErrorLabels = ["RetryableWriteError", "SomethingNew"] });
        Assert.Equal(["RetryableWriteError", "SomethingNew"], e.Labels);
    }

    [Fact]
    public async Task Of_a_connection_that_is_lost_is_one_of_the_stream()
    {
        var e = await PingAsync(new CommandFailure { Commands = [], CloseConnection = true });
        Assert.Equal((2u, 4u), (e.Domain, e.Code));
        Assert.True(e.IsUnreachable && e.IsPassing && !e.IsFromServer && !e.IsTimeOut);
        Assert.Equal($"127.0.0.1:{mongo.Server.Port}", e.Host);
    }

    [Fact]
    public async Task Of_a_server_that_is_not_there_is_one_of_selection()
    {
        int port = mongo.Server.Port;
        await mongo.Server.DisposeAsync();
        using var connection = MongoConnection.Open($"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=200");
        var e = await Assert.ThrowsAsync<MongoException>(() => connection.CommandAsync("admin", Ping));
        Assert.Equal((15u, 13053u), (e.Domain, e.Code));
        Assert.True(e.IsUnreachable && e.IsPassing && e.IsTimeOut);
        Assert.Null(e.Host);
    }

    [Fact]
    public async Task Of_a_host_that_does_not_exist_is_named()
    {
        await using var nowhere = new MongoSource("mongodb://nosuch.invalid/?serverSelectionTimeoutMS=500", mongo.Contract);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => nowhere.DescribeAsync(CancellationToken.None));
        Assert.Contains("nosuch.invalid", failure.Message);
        Assert.Contains("Check the host's name", failure.Message);
    }

    [Theory]
    [InlineData(3, 15, "no version of the protocol in common")]
    [InlineData(1, 11, "refused the login")]
    [InlineData(17, 18, "refused the login")]
    [InlineData(17, 13, "does not let this user read")]
    [InlineData(2, 3, "cannot be found")]
    [InlineData(2, 4, "cannot be reached: ")]
    [InlineData(15, 13053, "cannot be reached: ")]
    [InlineData(3, 14, "no valid reply")]
    [InlineData(17, 8000, "answered with error 8000")]
    public void Says_what_it_means_and_what_to_do(int domain, int code, string expected)
    {
        var failure = MongoFailures.Explain(new MongoException((uint)domain, (uint)code, "So\nit went."), "mongodb://db1,db2");
        Assert.Contains(expected, failure.Message);
        Assert.Contains("mongodb://db1,db2", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.IsType<MongoException>(failure.InnerException);
    }

    [Fact]
    public void Of_one_among_many_names_the_one() =>
        Assert.Contains("mongodb://db1,db2 (db2:27017)", MongoFailures.Explain(new MongoException(17, 8000, "no") { Host = "db2:27017" }, "mongodb://db1,db2").Message);

    [Fact]
    public async Task Of_a_server_without_majority_reads_is_no_reason_to_read_nothing()
    {
        await mongo.InsertAsync(Enumerable.Range(0, 1_500).Select(MongoTestServer.Numbered));
        mongo.Server.FailCommand.Set(FailPointMode.Times(1), new CommandFailure { Commands = ["find"], ErrorCode = 148 });
        Assert.Equal(1_500, (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null))).Sum(b => b.Length));
        Assert.Contains("no majority read concern", Assert.Single(mongo.Source.Effort.Remarks));
    }
}
