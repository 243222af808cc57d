using System.Text.Json;
using Chaos.Generation;
using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Authentication;
using Chaos.MongoEmulator.FailPoints;
using Etl.Sources.Mongo;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>A source that fails while whole commands read it: what passes costs time, what does not is one line and nothing else.</summary>
public sealed class A_failing_source : IAsyncLifetime
{
    const string Canary = "s3cr3t-canary";

    MongoServer mongo = null!;

    public async ValueTask InitializeAsync()
    {
        mongo = MongoServer.Start(new MongoServerOptions { Users = [new MongoUser("reader", Canary)] });
        using var connection = MongoConnection.Open(Uri(Canary));
        await CommunityGenerator.ForMongo(connection, new CommunityOptions { Days = 30, SignUpsPerDay = 60 }).GenerateDaysAsync();
    }

    public ValueTask DisposeAsync() => mongo.DisposeAsync();

    string Uri(string password) => $"mongodb://reader:{password}@127.0.0.1:{mongo.Port}/?replicaSet=rs0&authSource=admin";

    Task<QualityProcess.Outcome> RunAsync(string verb, string warehouse, string password = Canary) =>
        QualityProcess.RunAsync(verb, "community", "--mongo", Uri(password), "--warehouse", warehouse, "--json");

    [Fact]
    public async Task That_recovers_is_synced_and_reconciled_whole()
    {
        string warehouse = await Postgres.DatabaseAsync("failing_source");
        mongo.FailCommand.Set(FailPointMode.Times(4), new CommandFailure { Commands = ["getMore", "find"], CloseConnection = true });
        var sync = await RunAsync("sync", warehouse);
        Assert.True(sync.ExitCode == 0, sync.Errors);
        Assert.Equal(4, mongo.FailCommand.Fired);
        var effort = sync.Json.GetProperty("effort");
        Assert.True(effort.GetProperty("retries").GetInt64() + effort.GetProperty("reopened").GetInt64() > 0, $"{effort}");
        Assert.Equal((0, JsonValueKind.Array), (effort.GetProperty("timedOut").GetInt64(), effort.GetProperty("remarks").ValueKind));
        mongo.FailCommand.Set(FailPointMode.Times(4), new CommandFailure { Commands = ["getMore"], ErrorCode = 43 });
        var judged = await RunAsync("reconcile", warehouse);
        Assert.Equal((0, "reconciled"), (judged.ExitCode, judged.Json.GetProperty("verdict").GetString()));
        Assert.True(mongo.FailCommand.Fired > 0);
        Assert.All(judged.Json.GetProperty("datasets").EnumerateArray(), d => Assert.True(d.GetProperty("matched").GetInt64() > 0));
    }

    [Fact]
    public async Task That_fails_for_good_is_unknown_by_name()
    {
        string warehouse = await Postgres.DatabaseAsync("failing_source_for_good");
        mongo.FailCommand.Set(FailPointMode.AlwaysOn, new CommandFailure { Commands = ["getMore"], ErrorCode = 8000 });
        var sync = await RunAsync("sync", warehouse);
        Assert.Equal(2, sync.ExitCode);
        Assert.Contains("error 8000", sync.Errors);
        Assert.DoesNotContain("canary", sync.Output + sync.Errors);
    }

    [Fact]
    public async Task That_refuses_the_password_is_not_asked_for_data()
    {
        string warehouse = await Postgres.DatabaseAsync("failing_source_login");
        var sync = await RunAsync("sync", warehouse, Canary + "-wrong");
        Assert.Equal(2, sync.ExitCode);
        Assert.Contains("refused the login", sync.Errors);
        Assert.DoesNotContain("canary", sync.Output + sync.Errors);
    }
}
