using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>
/// Fifty thousand documents that pymongo wrote, one in eighteen broken and one in eight odd, by a program that knows nothing of Quality:
/// it says for each what must come of it, and SQL is asked whether it did.
/// </summary>
[Trait("Category", "Foreign")]
public sealed class Corrupted_documents
{
    const int Documents = 50_000;

    const string SeedVariable = "QUALITY_TEST_SEED";

    static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out int given) ? given : 7;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Fact]
    public async Task Are_rows_value_by_value_or_in_quarantine_byte_by_byte()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed {Seed}. Again: {SeedVariable}={Seed} dotnet test tests/Quality.Tests --filter FullyQualifiedName~{nameof(Corrupted_documents)}");
        string python = Requires.PythonModule("pymongo", "apt-get install python3-pymongo"), warehouse = await Postgres.DatabaseAsync("acceptance_corrupted"), folder = QualityProcess.NewFolder();
        await using var mongo = QualityProcess.Start(folder, null, "mongo", "--port", "0");
        string port = await mongo.PortAsync();
        string[] servers = ["--json", "--mongo", $"mongodb://127.0.0.1:{port}/", "--warehouse", warehouse];
        using var program = new Process
        {
            StartInfo = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Acceptance", "corrupt_community.py"), port, $"{Documents}", $"{Seed}"])
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        program.Start();
        var errors = program.StandardError.ReadToEndAsync();

        var written = await ExpectedAsync(program, errors);
        Assert.Equal(Documents, written.Datasets.Values.Sum(d => d.Read));
        var first = await QualityProcess.RunAsync(folder, null, ["sync", "community", .. servers]);
        Assert.True(first.ExitCode == 0, first.Errors + first.Output);
        await AssertIsThereAsync(written, first, warehouse);
        await AssertReconciledAsync(written, folder, servers);

        await program.StandardInput.WriteLineAsync();
        var changed = await ExpectedAsync(program, errors);
        Assert.True(changed.Changed > Documents / 20 && changed.Gone > Documents / 50, "The program changed too little.");
        Assert.Contains(changed.HeldBack.Values, rows => rows > 0);
        var second = await QualityProcess.RunAsync(folder, null, ["sync", "community", .. servers]);
        Assert.True(second.ExitCode == 0, second.Errors + second.Output);
        await AssertIsThereAsync(changed, second, warehouse);
        Assert.Equal(changed.Resolved, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.quarantine WHERE state = 'resolved'"));
        await AssertReconciledAsync(changed, folder, servers);
    }

    static async Task<Expected> ExpectedAsync(Process program, Task<string> errors)
    {
        string? line = await program.StandardOutput.ReadLineAsync();
        return JsonSerializer.Deserialize<Expected>(line ?? throw new InvalidOperationException(await errors), Json)!;
    }

    static async Task AssertIsThereAsync(Expected expected, QualityProcess.Outcome sync, string warehouse)
    {
        foreach (var books in sync.Json.GetProperty("datasets").EnumerateArray())
        {
            string name = books.GetProperty("dataset").GetString()!;
            var dataset = expected.Datasets[name];
            // Also where keys are disputed and the dataset is read twice, each document stands in the books once.
            Assert.Equal((dataset.Read, dataset.Quarantined),
                (books.GetProperty("read").GetInt64(), books.GetProperty("quarantined").GetInt64()));
        }
        foreach (string table in CommunityTables.Columns.Keys)
            CommunityTables.AssertEqual(table, expected.Tables[table], await CommunityTables.RowsAsync(warehouse, table));

        await using var source = NpgsqlDataSource.Create(warehouse);
        var kept = new Dictionary<(string, string), Refused>();
        await using (var command = source.CreateCommand("SELECT dataset, document_key, rule, path, held_back, encode(document, 'base64') FROM quality.quarantine WHERE state = 'open'"))
        await using (var row = await command.ExecuteReaderAsync())
            while (await row.ReadAsync())
                kept.Add((row.GetString(0), row.GetString(1)), new(row.GetString(2), row.GetString(3), row.GetBoolean(4), row.GetString(5).Replace("\n", "")));
        foreach (var refused in expected.Quarantine.Select(q => q.EnumerateArray().ToArray()))
        {
            string dataset = refused[0].GetString()!, key = $$"""{"$oid":"{{refused[1].GetString()}}"}""";
            Assert.True(kept.Remove((dataset, key), out var entry), $"{dataset} {key} is not in quarantine; it breaks {refused[2]} at {refused[3]}");
            Assert.Equal(new(refused[2].GetString()!, refused[3].GetString()!, refused[4].GetBoolean(), refused[5].GetString()!), entry);
        }
        Assert.True(kept.Count == 0, $"{kept.Count} documents are in quarantine and nothing is wrong with them: {string.Join(", ", kept.Take(3))}");

        foreach (var (place, documents) in expected.Drift)
            Assert.True(documents == Convert.ToInt64(await Postgres.ScalarAsync(warehouse,
                $"SELECT coalesce(sum(documents), 0) FROM quality.drift WHERE dataset || ' ' || path = '{place}' AND run_id = {sync.Json.GetProperty("run").GetInt64()}")), $"drift at {place}");
    }

    /// <summary>Every table reconciled, and what was left out of both sides is what quarantine holds back.</summary>
    static async Task AssertReconciledAsync(Expected expected, string folder, string[] servers)
    {
        var judged = await QualityProcess.RunAsync(folder, null, ["reconcile", "community", .. servers]);
        Assert.True(judged.ExitCode == 0, judged.Errors + judged.Output);
        Assert.Equal(("reconciled", 1.0), (judged.Json.GetProperty("verdict").GetString(), judged.Json.GetProperty("coverage").GetDouble()));
        foreach (var found in judged.Json.GetProperty("datasets").EnumerateArray())
        {
            string table = found.GetProperty("table").GetString()!;
            long Of(string name) => found.GetProperty(name).GetInt64();
            Assert.Equal((table, "reconciled", 0, 0, 0), (table, found.GetProperty("verdict").GetString(), Of("missing"), Of("unexpected"), Of("changed")));
            Assert.Equal((table, expected.Tables[table].Length - expected.HeldBack[table]), (table, Of("matched")));
            if (expected.Datasets.TryGetValue(table, out var dataset))
                Assert.Equal((table, dataset.Quarantined), (table, Of("quarantined")));
        }
    }

    /// <param name="Quarantine">Of each document: dataset, key, rule, path, held back, its bytes.</param>
    /// <param name="HeldBack">Rows of older, good versions, by table.</param>
    /// <param name="Drift">Documents by dataset and path.</param>
    sealed record Expected(Dictionary<string, string?[][]> Tables, Dictionary<string, long> HeldBack, Dictionary<string, DatasetBooks> Datasets, JsonElement[] Quarantine, Dictionary<string, long> Drift, long Changed, long Gone, long Resolved);

    sealed record DatasetBooks(long Read, long Quarantined);

    sealed record Refused(string Rule, string Path, bool HeldBack, string Document);
}
