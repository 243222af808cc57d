using System.Diagnostics;
using Npgsql;
using Tests.Shared;

namespace Quality.Tests.Commands;

public sealed class An_interrupted_command
{
    const int Interrupted = 130;

    [Theory]
    [InlineData("")]
    [InlineData("--repair")]
    public async Task Says_in_JSON_that_nothing_was_judged(string repair)
    {
        string warehouse = await Postgres.DatabaseAsync($"interrupted_reconcile{repair.Replace("--", "_")}");
        await using var mongo = await CommunityServer.StartAsync(days: 2);
        string[] servers = ["--mongo", mongo.Uri, "--warehouse", warehouse, "--json"];
        Assert.Equal(0, (await QualityProcess.RunAsync(["sync", "community", .. servers])).ExitCode);

        // Somebody has a table for himself, so that the comparison waits.
        await using var other = new NpgsqlConnection(warehouse);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var locked = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await new NpgsqlCommand("LOCK TABLE community.groups", other).ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var reconcile = QualityProcess.Start(QualityProcess.NewFolder(), null, ["reconcile", "community", .. servers, .. repair.Length > 0 ? (string[])[repair] : []]);
        while (await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM pg_locks WHERE NOT granted") is not > 0L)
            Assert.False(reconcile.HasEnded, "it ended before it could be interrupted");
        reconcile.Signal(QualityProcess.Interrupt);
        var outcome = await reconcile.EndAsync();

        Assert.True(outcome.ExitCode == Interrupted, outcome.Errors);
        Assert.Equal(("community", "unknown", true, 0.0, 0), (outcome.Json.GetProperty("pipeline").GetString(), outcome.Json.GetProperty("verdict").GetString(),
            outcome.Json.GetProperty("interrupted").GetBoolean(), outcome.Json.GetProperty("coverage").GetDouble(), outcome.Json.GetProperty("datasets").GetArrayLength()));
        Assert.Equal(outcome.Errors.Split('\n')[^1], outcome.Json.GetProperty("reason").GetString());
        Assert.Contains($"quality reconcile community{(repair.Length > 0 ? " --repair" : "")}'", outcome.Errors);
        Assert.Equal("unknown", await Postgres.ScalarAsync(warehouse, "SELECT verdict FROM quality.runs ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task Says_so_as_soon_as_the_program_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has loaded can be read on Linux only.");
        await using var command = QualityProcess.Start(QualityProcess.NewFolder(), null, "sync", "community", "--mongo", "mongodb://127.0.0.1:1", "--warehouse", "Host=127.0.0.1;Port=1", "--json");
        long began = Stopwatch.GetTimestamp();
        while (!await HasLoadedAsync(command.Id, "System.CommandLine.dll"))
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "it never came to its arguments");
        // It is about to read its arguments, and listens already.
        command.Signal(QualityProcess.Terminate);
        var outcome = await command.EndAsync();
        Assert.True(outcome.ExitCode == Interrupted, $"{outcome.ExitCode}: {outcome.Errors}");
        Assert.Equal((true, "unknown"), (outcome.Json.GetProperty("interrupted").GetBoolean(), outcome.Json.GetProperty("verdict").GetString()));
        Assert.Contains("Interrupted", outcome.Json.GetProperty("reason").GetString());
    }

    static async Task<bool> HasLoadedAsync(int process, string library) =>
        (await File.ReadAllTextAsync($"/proc/{process}/maps", TestContext.Current.CancellationToken)).Contains(library, StringComparison.Ordinal);
}
