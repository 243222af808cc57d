using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Npgsql;
using Tests.Shared;

namespace Quality.Tests.Commands;

public sealed partial class An_interrupted_sync
{
    const int Interrupted = 130;

    [GeneratedRegex(@"users \((\d+) documents so far\)")]
    private static partial Regex UsersSoFar();

    [Theory]
    [InlineData(QualityProcess.Interrupt)]
    [InlineData(QualityProcess.Terminate)]
    public async Task Says_exactly_what_is_durable(int signal)
    {
        string warehouse = await Postgres.DatabaseAsync($"interrupted_{signal}");
        var outcome = await InterruptAsync(warehouse, signal);
        Assert.Equal((Interrupted, ""), (outcome.ExitCode, outcome.Output));
        string last = outcome.Errors.Split('\n')[^1];
        Assert.StartsWith("Interrupted. Durable: ", last);
        Assert.EndsWith("the next 'quality sync community' goes on from there.", last);
        var users = UsersSoFar().Match(last);
        Assert.True(users.Success, last);
        Assert.Equal(long.Parse(users.Groups[1].Value), await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM community.users"));
    }

    [Fact]
    public async Task Says_so_in_JSON()
    {
        string warehouse = await Postgres.DatabaseAsync("interrupted_json");
        var outcome = await InterruptAsync(warehouse, QualityProcess.Terminate, "--json");
        Assert.Equal(Interrupted, outcome.ExitCode);
        var json = outcome.Json;
        Assert.Equal(("community", "unknown", true), (json.GetProperty("pipeline").GetString(), json.GetProperty("verdict").GetString(), json.GetProperty("interrupted").GetBoolean()));
        Assert.Equal(outcome.Errors.Split('\n')[^1], json.GetProperty("reason").GetString());
        Assert.Equal(await Postgres.ScalarAsync(warehouse, "SELECT max(id) FROM quality.runs"), json.GetProperty("run").GetInt64());
        var users = Assert.Single(json.GetProperty("durable").EnumerateArray());
        Assert.Equal(("users", false), (users.GetProperty("dataset").GetString(), users.GetProperty("complete").GetBoolean()));
        Assert.Equal(await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM community.users"), users.GetProperty("documents").GetInt64());
        Assert.All((string[])["datasets", "tables", "checks"], name => Assert.Equal(0, json.GetProperty(name).GetArrayLength()));
    }

    /// <summary>A sync of many batches, as slow as one can be, interrupted when some of them are committed.</summary>
    static async Task<QualityProcess.Outcome> InterruptAsync(string warehouse, int signal, params string[] more)
    {
        await using var mongo = await CommunityServer.StartAsync();
        await using var sync = QualityProcess.Start(QualityProcess.NewFolder(), new Dictionary<string, string> { ["QUALITY_BATCH_DOCUMENTS"] = "1" }, ["sync", "community", "--workers", "1", "--mongo", mongo.Uri, "--warehouse", warehouse, .. more]);
        while (!(await Postgres.ScalarAsync(warehouse, "SELECT to_regclass('quality.batches') IS NOT NULL") is true && await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.batches") is > 2L))
            Assert.False(sync.HasEnded, "it ended before it could be interrupted");
        sync.Signal(signal);
        return await sync.EndAsync();
    }

    [Fact]
    public async Task Says_so_where_nothing_was_committed_yet()
    {
        string warehouse = await Postgres.DatabaseAsync("interrupted_early");
        await using var silent = new SilentServer();
        await using var sync = QualityProcess.Start(QualityProcess.NewFolder(), null, "sync", "community", "--mongo", silent.Uri(2_000), "--warehouse", warehouse);
        await silent.Called;
        sync.Signal(QualityProcess.Interrupt);
        var outcome = await sync.EndAsync();
        // Whether the signal or the server's silence is noticed first, nothing is claimed to be there.
        Assert.True(outcome.ExitCode is Interrupted or 2, outcome.Errors);
        Assert.DoesNotContain("Durable", outcome.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ends_at_once_when_it_is_asked_twice(bool json)
    {
        string warehouse = await Postgres.DatabaseAsync($"interrupted_twice_{json}".ToLowerInvariant());
        await using var silent = new SilentServer();
        await using var sync = QualityProcess.Start(QualityProcess.NewFolder(), null, ["sync", "community", "--mongo", silent.Uri(60_000), "--warehouse", warehouse, .. json ? (string[])["--json"] : []]);
        await silent.Called;
        // It has stopped reading at once; what is durable it cannot tell while somebody has the journal's table for himself.
        await using var other = new NpgsqlConnection(warehouse);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var locked = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await new NpgsqlCommand("LOCK TABLE quality.checkpoints", other).ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        sync.Signal(QualityProcess.Interrupt);
        await sync.SaysAsync("Once more stops at once");
        await Task.Delay(500, TestContext.Current.CancellationToken); // nearer than that they are one and the same
        if (!sync.HasEnded)
        {
            long asked = Stopwatch.GetTimestamp();
            sync.Signal(QualityProcess.Interrupt);
            var outcome = await sync.EndAsync();
            Assert.InRange(Stopwatch.GetElapsedTime(asked).TotalSeconds, 0, 5);
            Assert.Equal(Interrupted, outcome.ExitCode);
            Assert.Contains("Stopped at once.", outcome.Errors);
            if (json)
                Assert.Equal((true, "unknown"), (outcome.Json.GetProperty("interrupted").GetBoolean(), outcome.Json.GetProperty("verdict").GetString()));
            else
                Assert.Equal("", outcome.Output);
            return;
        }
        Assert.Fail("it stopped at the first signal: this test needs a command that does not");
    }

    [Fact]
    public async Task Takes_a_signal_that_comes_twice_at_the_same_moment_for_one()
    {
        string warehouse = await Postgres.DatabaseAsync("interrupted_same");
        await using var mongo = await CommunityServer.StartAsync();
        await using var sync = QualityProcess.Start(QualityProcess.NewFolder(), new Dictionary<string, string> { ["QUALITY_BATCH_DOCUMENTS"] = "2" }, "sync", "community", "--mongo", mongo.Uri, "--warehouse", warehouse);
        while (await Postgres.ScalarAsync(warehouse, "SELECT to_regclass('community.users') IS NOT NULL") is not true)
            Assert.False(sync.HasEnded, "it ended before it could be interrupted");
        sync.Signal(QualityProcess.Interrupt);
        sync.Signal(QualityProcess.Terminate);
        var outcome = await sync.EndAsync();
        Assert.Equal(Interrupted, outcome.ExitCode);
        Assert.DoesNotContain("Stopped at once", outcome.Errors);
        Assert.Equal("Interrupted.", await Postgres.ScalarAsync(warehouse, "SELECT reason FROM quality.runs"));
    }

    /// <summary>Takes connections and never answers.</summary>
    sealed class SilentServer : IAsyncDisposable
    {
        readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public SilentServer()
        {
            listener.Start();
            Called = listener.AcceptTcpClientAsync();
        }

        public Task<TcpClient> Called { get; }

        public string Uri(int patience) => $"mongodb://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/?serverSelectionTimeoutMS={patience}&connectTimeoutMS={patience}";

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            if (Called.IsCompletedSuccessfully)
                (await Called).Dispose();
        }
    }
}
