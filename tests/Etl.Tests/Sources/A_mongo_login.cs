using System.Security.Cryptography.X509Certificates;
using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Authentication;
using Etl.Sources;
using Etl.Sources.Mongo;
using Tests.Shared;

namespace Etl.Tests.Sources;

public sealed class A_mongo_login
{
    const string Password = "s3cr3t/canary@%";

    static readonly MongoServerOptions Guarded = new() { Users = [new MongoUser("reader", Password)] };

    static string With(MongoServer server, string user, string password, string options = "") =>
        $"mongodb://{user}:{Uri.EscapeDataString(password)}@127.0.0.1:{server.Port}/{options}";

    [Theory]
    [InlineData("")]
    [InlineData("?authSource=admin")]
    [InlineData("?authMechanism=SCRAM-SHA-256&replicaSet=rs0")]
    public async Task With_the_right_password_reads(string options)
    {
        await using var mongo = new MongoTestServer(server: Guarded, through: s => With(s, "reader", Password, options), writing: s => With(s, "reader", Password));
        await mongo.InsertAsync([MongoTestServer.Numbered(1)]);
        Assert.Single(await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null)));
    }

    [Theory]
    [InlineData("reader", Password + "x", "")]
    [InlineData("nobody", Password, "")]
    [InlineData("reader", Password, "?authSource=elsewhere")]
    public async Task That_is_refused_says_so_without_the_password(string user, string password, string options)
    {
        await using var mongo = new MongoTestServer(server: Guarded, through: s => With(s, user, password, options));
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => mongo.Source.DescribeAsync(CancellationToken.None));
        Assert.Contains("refused the login", failure.Message);
        Assert.Contains("authSource", failure.Message);
        Assert.DoesNotContain("canary", $"{failure}");
        Assert.DoesNotContain(Uri.EscapeDataString(password), $"{failure}");
        Assert.Equal(0, mongo.Source.Effort.Retries); // a password does not become right by trying again
    }

    [Fact]
    public async Task That_is_missing_is_told_from_one_that_is_wrong()
    {
        await using var mongo = new MongoTestServer(server: Guarded);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null)));
        Assert.Contains("does not let this user read", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public async Task Over_TLS_reads_from_a_server_whose_authority_is_known()
    {
        using var own = new TestCertificate();
        var guarded = Guarded with { Certificate = own.Certificate };
        string Trusting(MongoServer s) => With(s, "reader", Password, $"?tls=true&tlsCAFile={own.File}");
        await using var mongo = new MongoTestServer(server: guarded, through: Trusting, writing: Trusting);
        await mongo.InsertAsync(Enumerable.Range(0, 3_000).Select(MongoTestServer.Numbered));
        Assert.Equal(3_000, (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null))).Sum(b => b.Length));
    }

    [Theory]
    [InlineData("?tls=true")] // signed by nobody we know
    [InlineData("?tls=true&tlsCAFile=OTHER")]
    [InlineData("?tls=true&tlsCAFile=OWN", "elsewhere.example")] // for another host
    public async Task Over_TLS_to_a_server_that_is_not_trusted_names_the_certificate(string options, string host = "localhost")
    {
        using var own = new TestCertificate(host);
        using var other = new TestCertificate();
        options = options.Replace("OTHER", other.File).Replace("OWN", own.File) + "&serverSelectionTimeoutMS=700";
        await using var mongo = new MongoTestServer(server: Guarded with { Certificate = own.Certificate }, through: s => With(s, "reader", Password, options));
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null)));
        Assert.Contains("cannot be reached over TLS", failure.Message);
        Assert.Contains("tlsCAFile", failure.Message);
        Assert.DoesNotContain("canary", $"{failure}");
    }

    [Theory]
    [InlineData("tlsAllowInvalidCertificates=true")]
    [InlineData("tlsInsecure=true")]
    public async Task Over_TLS_trusts_anybody_where_it_is_told_to(string option)
    {
        using var own = new TestCertificate("elsewhere.example");
        await using var mongo = new MongoTestServer(server: Guarded with { Certificate = own.Certificate }, through: s => With(s, "reader", Password, $"?tls=true&{option}"));
        Assert.StartsWith("emulator", (await mongo.Source.DescribeAsync(CancellationToken.None)).Name);
    }

    [Fact]
    public async Task Shows_a_certificate_of_its_own()
    {
        using var own = new TestCertificate();
        string pair = Path.Combine(Path.GetDirectoryName(own.File)!, "client.pem");
        File.WriteAllText(pair, own.Certificate.ExportCertificatePem() + "\n" + own.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using var mongo = new MongoTestServer(server: Guarded with { Certificate = own.Certificate },
            through: s => With(s, "reader", Password, $"?tls=true&tlsCAFile={own.File}&tlsCertificateKeyFile={pair}"));
        Assert.StartsWith("emulator", (await mongo.Source.DescribeAsync(CancellationToken.None)).Name);
    }

    [Theory]
    [InlineData("tlsCAFile", "/nowhere/authority.pem", "")]
    [InlineData("tlsCertificateKeyFile", "/nowhere/client.pem", "&tlsCertificateKeyFilePassword=canary")]
    public void With_a_certificate_file_that_is_not_there_is_wrong_usage(string option, string file, string more)
    {
        var failure = Assert.Throws<UsageException>(() => MongoConnection.Open($"mongodb://me:canary@127.0.0.1/?tls=true&{option}={Uri.EscapeDataString(file)}{more}"));
        Assert.Contains(option, failure.Message);
        Assert.Contains(file, failure.Message);
        Assert.DoesNotContain("canary", failure.Message);
    }
}
