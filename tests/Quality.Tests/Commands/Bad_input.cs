using System.Net;
using System.Net.Sockets;
using Chaos.MongoEmulator;
using Etl.Sources.Mongo;
using Npgsql;
using Quality.Tests.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>One clear line, the right exit code, nothing on standard output, nothing half-done, no secret anywhere.</summary>
public sealed class Bad_input() : CommandTest("bad_input")
{
    const string Canary = "s3cr3t-canary", EncodedCanary = "s3cr3t%2Dcanary";
    const int Unknown = 2, Usage = 64;

    async Task AssertNothingDoneAsync() => Assert.Equal(0L, await Postgres.ScalarAsync(Warehouse, "SELECT count(*) FROM pg_namespace WHERE nspname = 'community'"));

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Theory]
    [InlineData("sync", Canary)]
    [InlineData("reconcile", EncodedCanary)]
    public async Task An_unreachable_MongoDB(string verb, string password)
    {
        int port = FreePort();
        var outcome = await QualityProcess.RunAsync(verb, "community", "--mongo", $"mongodb://me:{password}@127.0.0.1:{port}/?serverSelectionTimeoutMS=500", "--warehouse", Warehouse);
        string line = outcome.Refused(Unknown);
        Assert.Contains($"127.0.0.1:{port} cannot be reached", line);
        Assert.DoesNotContain("canary", line);
        await AssertNothingDoneAsync();
    }

    [Theory]
    [InlineData("http://127.0.0.1/", "is not a MongoDB URI")]
    [InlineData("127.0.0.1:27017", "is not a MongoDB URI")]
    [InlineData("mongodb://", "names no host")]
    [InlineData($"mongodb://me:{Canary}@127.0.0.1:99999/", "is not a MongoDB URI")]
    [InlineData($"mongodb://me:{Canary}@127.0.0.1:port/", "is not a MongoDB URI")]
    [InlineData($"mongodb://me:{Canary}@x@127.0.0.1/", "%40")]
    [InlineData($"mongodb://me:{Canary}@127.0.0.1/?noSuchOption=1", "nosuchoption")]
    [InlineData($"mongodb://me:{Canary}%@127.0.0.1/", "percent-encoded")]
    [InlineData($"mongodb://me:{EncodedCanary}@127.0.0.1/?noSuchOption={Canary}", "nosuchoption")]
    [InlineData($"{Canary}", "is not a MongoDB URI")]
    [InlineData($"me:{Canary}@127.0.0.1/db", "is not a MongoDB URI")]
    public async Task A_wrong_MongoDB_URI(string uri, string says)
    {
        string line = (await QualityProcess.RunAsync("sync", "community", "--mongo", uri, "--warehouse", Warehouse)).Refused(Usage);
        Assert.Contains(says, line, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("canary", line);
        await AssertNothingDoneAsync();
    }

    [Fact]
    public async Task An_unreachable_PostgreSQL()
    {
        int port = FreePort();
        string line = (await QualityProcess.RunAsync("sync", "community", "--mongo", Mongo.Uri, "--warehouse", $"postgres://me:{Canary}@127.0.0.1:{port}/db")).Refused(Unknown);
        Assert.Contains($"127.0.0.1:{port}/db cannot be reached", line);
        Assert.DoesNotContain(Canary, line);
    }

    [Theory]
    [InlineData($"mysql://me:{Canary}@127.0.0.1/db")]
    [InlineData($"postgres://me:{Canary}@127.0.0.1:99999/db")]
    [InlineData($"postgres://me:{Canary}@/db")]
    [InlineData($"Host=127.0.0.1;Password={Canary};NoSuchKey=1")]
    [InlineData($"Password={Canary};Username=me")]
    [InlineData($"postgres://me:{Canary}@127.0.0.1/db?nosuchoption=1")]
    [InlineData($"Host=127.0.0.1;Port={Canary}")]
    [InlineData($"{Canary}")]
    [InlineData($"host=127.0.0.1 port=5432 user=me password={Canary}")]
    [InlineData($"Host=127.0.0.1 password={Canary};Username=me")]
    public async Task A_wrong_PostgreSQL_connection(string connection)
    {
        string line = (await QualityProcess.RunAsync("sync", "community", "--mongo", Mongo.Uri, "--warehouse", connection)).Refused(Usage);
        Assert.DoesNotContain(Canary, line);
    }

    [Fact]
    public async Task A_wrong_PostgreSQL_password()
    {
        string wrong = new NpgsqlConnectionStringBuilder(Warehouse) { Password = Canary }.ConnectionString;
        string line = (await QualityProcess.RunAsync("sync", "community", "--mongo", Mongo.Uri, "--warehouse", wrong)).Refused(Unknown);
        Assert.Contains("refused the login", line);
        Assert.DoesNotContain(Canary, line);
        await AssertNothingDoneAsync();
    }

    [Fact]
    public async Task A_PostgreSQL_database_that_does_not_exist()
    {
        string missing = new NpgsqlConnectionStringBuilder(Warehouse) { Database = "no_such_database" }.ConnectionString;
        Assert.Contains("no_such_database", (await QualityProcess.RunAsync("reconcile", "community", "--mongo", Mongo.Uri, "--warehouse", missing)).Refused(Unknown));
    }

    [Fact]
    public async Task A_PostgreSQL_user_who_may_not_create_anything()
    {
        await Postgres.ExecuteAsync(Warehouse, "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'reader'");
        string reader = new NpgsqlConnectionStringBuilder(Warehouse) { Username = "reader", Password = "reader" }.ConnectionString;
        Assert.Contains("permission denied", (await QualityProcess.RunAsync("sync", "community", "--mongo", Mongo.Uri, "--warehouse", reader)).Refused(Unknown));
        await AssertNothingDoneAsync();
    }

    [Fact]
    public async Task A_missing_collection_with_near_names()
    {
        using (var connection = MongoConnection.Open(Mongo.Uri))
            foreach (string name in (string[])["user", "groups", "messages"])
                await connection.CommandAsync("secondNature", Etl.Documents.Bson.Make(w => w.Write("create", name)));
        string line = (await QualityProcess.RunAsync("sync", "community", "--mongo", Mongo.Uri, "--warehouse", Warehouse)).Refused(Unknown);
        Assert.Contains("'secondNature.users' does not exist", line);
        Assert.Contains("'user'", line);
        await AssertNothingDoneAsync();

        var judged = await QualityProcess.RunAsync("reconcile", "community", "--json", "--mongo", Mongo.Uri, "--warehouse", Warehouse);
        Assert.Equal((Unknown, "unknown"), (judged.ExitCode, judged.Json.GetProperty("verdict").GetString()));
    }

    [Fact]
    public async Task A_wrong_contract_tells_all_its_errors_with_line_and_column()
    {
        string folder = SmallContract.Write(), file = Path.Combine(folder, "contract.yaml");
        string[] lines = await File.ReadAllLinesAsync(file);
        lines[0] = "apiVersion: v9";
        lines[^1] = lines[^1].Replace("string", "strnig");
        await File.WriteAllLinesAsync(file, lines);

        foreach (string[] command in (string[][])[["sync", folder], ["reconcile", folder], ["contract", "check", folder]])
        {
            string[] servers = command[0] == "contract" ? [] : ["--mongo", Mongo.Uri, "--warehouse", Warehouse];
            var outcome = await QualityProcess.RunAsync([.. command, .. servers]);
            Assert.Equal((Usage, ""), (outcome.ExitCode, outcome.Output));
            Assert.Contains("contract.yaml:1:", outcome.Errors);
            Assert.Contains($"contract.yaml:{lines.Length}:", outcome.Errors);
            Assert.Contains("strnig", outcome.Errors);
        }
        Assert.Equal(0L, await Postgres.ScalarAsync(Warehouse, "SELECT count(*) FROM pg_namespace WHERE nspname IN ('small', 'quality')"));
    }

    /// <summary>Contracts come from people we do not know.</summary>
    [Fact]
    public async Task A_wrong_contract_writes_nothing_to_the_terminal_but_its_errors()
    {
        string folder = SmallContract.Write(), file = Path.Combine(folder, "contract.yaml");
        await File.AppendAllTextAsync(file, "\n\"\\e[2J\\e]0;evil\\a\": 1\n");
        var outcome = await QualityProcess.RunAsync("contract", "check", folder);
        Assert.Equal(Usage, outcome.ExitCode);
        Assert.DoesNotContain('\u001b', outcome.Errors);
        Assert.Contains(@"'\u001B[2J\u001B]0;evil\u0007' is not known in a contract.", outcome.Errors);
    }

    [Fact]
    public async Task No_PostgreSQL_programs()
    {
        string folder = QualityProcess.NewFolder();
        var environment = new Dictionary<string, string> { ["QUALITY_POSTGRES_BIN"] = folder };
        Assert.Contains("QUALITY_POSTGRES_BIN is", (await QualityProcess.RunAsync(folder, environment, "sync", "community", "--mongo", Mongo.Uri)).Refused(Unknown));
        Assert.False(Directory.Exists(Path.Combine(folder, ".quality", "postgres")));
    }

    [Fact]
    public async Task No_libmongoc()
    {
        var environment = new Dictionary<string, string> { ["QUALITY_LIBMONGOC"] = QualityProcess.NewFolder() };
        string line = (await QualityProcess.RunAsync(QualityProcess.NewFolder(), environment, "sync", "community", "--mongo", Mongo.Uri, "--warehouse", Warehouse)).Refused(Unknown);
        Assert.Contains("libmongoc", line);
        Assert.Contains("apt-get install", line);
        await AssertNothingDoneAsync();
    }

    /// <summary>The driver names shared memory by the process; whoever gets the number of a killed one finds what it left, and says so in its own way.</summary>
    [Fact]
    public async Task Shared_memory_that_a_killed_driver_left()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "another system names shared memory otherwise");
        using var child = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh",
            ["-c", "touch /dev/shm/mongoc-$$; exec \"$0\" \"$@\"", QualityProcess.Executable, "sync", "community", "--mongo", "nonsense", "--warehouse", Warehouse])
        { RedirectStandardError = true })!;
        string said = await child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        File.Delete($"/dev/shm/mongoc-{child.Id}");
        Assert.Equal(Usage, child.ExitCode);
        Assert.DoesNotContain("mongoc:", said);
        Assert.Single(said.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_port_that_is_taken()
    {
        string line = (await QualityProcess.RunAsync("mongo", "--port", Mongo.Port.ToString())).Refused(Unknown);
        Assert.Contains($"Port {Mongo.Port} on 127.0.0.1 is already in use", line);
    }

    [Theory]
    [InlineData("sync community --no-such-option", "--no-such-option")]
    [InlineData("synk community", "synk")]
    [InlineData("sync", "'sync'")]
    [InlineData("reconcile community --level deep", "deep")]
    [InlineData("mongo --port x", "x")]
    [InlineData("sync community --workers many", "many")]
    [InlineData("sync community --dataset users --mongo", "--mongo")]
    public async Task Usage_that_cannot_be_parsed(string arguments, string says)
    {
        var outcome = await QualityProcess.RunAsync(arguments.Split(' '));
        Assert.Equal((Usage, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(says, outcome.Errors);
        Assert.Contains("--help", outcome.Errors);
    }

    [Theory]
    [InlineData("sync comunity", "'community'")]
    [InlineData("sync /no/such/folder", "/no/such/folder")]
    [InlineData("sync community --dataset user", "'users'")]
    [InlineData("reconcile community --delete-unexpected", "--repair")]
    [InlineData("reconcile community --repair --level counts", "--level counts")]
    [InlineData("mongo --port 70000", "70000")]
    [InlineData("sync community --workers 0", "from 1 to 16, not 0")]
    [InlineData("sync community --follow", "--follow is for event files and queues")]
    [InlineData("sync cards --to 2024-01-31", "--to goes with --from")]
    [InlineData("sync cards --from 2024-02-30", "must be a day such as 2024-01-31, not '2024-02-30'")]
    [InlineData("sync cards --from 2024-02-02 --to 2024-02-01", "is after --to")]
    [InlineData("sync community --workers 17", "from 1 to 16, not 17")]
    [InlineData("generate community --days 3 --live", "--days")]
    [InlineData("generate card --days 1", "'quality generate card' is no command. Did you mean 'cards'?")]
    [InlineData("contract check nothing", "nothing")]
    public async Task Usage_that_makes_no_sense(string arguments, string says) =>
        Assert.Contains(says, (await QualityProcess.RunAsync(arguments.Split(' '))).Refused(Usage));
}
