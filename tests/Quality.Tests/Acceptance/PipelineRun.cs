using System.Text.Json;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>One pipeline as its user runs it: the real executable, in a folder of its own, with a warehouse of its own.</summary>
sealed class PipelineRun(string pipeline, string folder, WarehouseTables tables, Dictionary<string, string> environment) : IAsyncDisposable
{
    public string Folder => folder;

    public WarehouseTables Warehouse => tables;

    public Dictionary<string, string> Environment => environment;

    /// <param name="database">Dropped before, left after.</param>
    public static async Task<PipelineRun> CreateAsync(string pipeline, string database) =>
        new(pipeline, QualityProcess.NewFolder(), new WarehouseTables(await Postgres.DatabaseAsync(database)), []);

    /// <summary>The same source, another warehouse.</summary>
    public async Task<PipelineRun> AnotherAsync(string database) =>
        new(pipeline, folder, new WarehouseTables(await Postgres.DatabaseAsync(database)), new Dictionary<string, string>(environment));

    public ValueTask DisposeAsync() => tables.DisposeAsync();

    public Task<QualityProcess.Outcome> GenerateAsync(params string[] arguments) => RunAsync(["generate", pipeline, .. arguments]);

    async Task<QualityProcess.Outcome> RunAsync(params string[] arguments)
    {
        var outcome = await QualityProcess.RunAsync(folder, environment, arguments);
        Assert.True(outcome.ExitCode == 0, $"quality {string.Join(' ', arguments)} ended with {outcome.ExitCode}: {outcome.Errors}");
        return outcome;
    }

    string[] Sync(string[] arguments) => ["sync", pipeline, "--json", "--warehouse", tables.ConnectionString, .. arguments];

    public Task<QualityProcess.Outcome> TrySyncAsync(params string[] arguments) => QualityProcess.RunAsync(folder, environment, Sync(arguments));

    /// <summary>Not waited for.</summary>
    public QualityProcess StartSync(params string[] arguments) => QualityProcess.Start(folder, environment, Sync(arguments));

    /// <returns>The ledger.</returns>
    public async Task<JsonElement> SyncAsync(params string[] arguments) => (await RunAsync(Sync(arguments))).Json;

    /// <summary>Reconciles, and expects its verdict in word and exit code.</summary>
    public async Task<JsonElement> ReconcileAsync(string verdict, params string[] arguments)
    {
        var outcome = await QualityProcess.RunAsync(folder, environment, ["reconcile", pipeline, "--json", "--warehouse", tables.ConnectionString, .. arguments]);
        int code = verdict switch { "reconciled" => 0, "mismatched" => 1, _ => 2 };
        Assert.True(outcome.ExitCode == code, $"reconcile ended with {outcome.ExitCode}, not {code}: {outcome.Errors}\n{outcome.Output}");
        Assert.Equal(verdict, outcome.Json.GetProperty("verdict").GetString());
        return outcome.Json;
    }

    /// <summary>A sync that finds nothing new: no row is written, and the books say so.</summary>
    /// <param name="arguments">Of the sync.</param>
    public async Task<JsonElement> AssertChangesNothingAsync(IReadOnlyCollection<string> written, params string[] arguments)
    {
        string[] before = await tables.WritingsAsync(written);
        var books = await SyncAsync(arguments);
        Assert.Equal(before, await tables.WritingsAsync(written));
        Assert.All(books.GetProperty("datasets").EnumerateArray(), d => Assert.Equal((0, 0), (Count(d, "loaded"), Count(d, "deleted"))));
        Assert.All(books.GetProperty("tables").EnumerateArray(), t => Assert.Equal((0, 0, 0), (Count(t, "inserted"), Count(t, "updated"), Count(t, "removed"))));
        return books;
    }

    /// <summary>
    /// Damages tables by SQL, first those that hold what was read, then those that follow from them: reconciliation finds exactly that, mends it, and is content.
    /// What follows is judged by the rows that it follows from, so that both at once could not be told apart.
    /// </summary>
    /// <param name="derived">Tables that follow from others.</param>
    public async Task AssertFindsAndMendsAsync(ScriptedTables expected, params string[] derived)
    {
        string[] read = [.. expected.Tables.Keys.Except(derived)];
        await AssertFindsAndMendsAsync(expected, read, judged: read);
        if (derived.Length > 0)
            await AssertFindsAndMendsAsync(expected, derived, judged: [.. expected.Tables.Keys]);
    }

    async Task AssertFindsAndMendsAsync(ScriptedTables expected, string[] damagedTables, string[] judged)
    {
        var planted = new Dictionary<string, WarehouseTables.Planted>();
        foreach (string table in damagedTables)
            planted[table] = await tables.PlantAsync(table);
        var damaged = await ReconcileAsync("mismatched");
        var found = damaged.GetProperty("datasets").EnumerateArray().ToDictionary(d => $"{d.GetProperty("schema").GetString()}.{d.GetProperty("table").GetString()}");
        Assert.Equal(expected.Tables.Keys.Order(), found.Keys.Order());
        foreach (string table in judged)
            Assert.True(planted.GetValueOrDefault(table) == new WarehouseTables.Planted(Count(found[table], "missing"), Count(found[table], "changed"), Count(found[table], "unexpected")),
                $"{table}: planted {planted.GetValueOrDefault(table)}, found {found[table]}");
        await ReconcileAsync("reconciled", "--repair", "--delete-unexpected");
        await expected.AssertHeldByAsync(tables);
        await ReconcileAsync("reconciled");
    }

    public static int Count(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static JsonElement Dataset(JsonElement books, string dataset) => books.GetProperty("datasets").EnumerateArray().Single(d => d.GetProperty("dataset").GetString() == dataset);
}
