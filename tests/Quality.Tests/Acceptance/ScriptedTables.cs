using System.Diagnostics;
using System.Text.Json;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>What a Python script computed from a raw source, and nothing else: the tables as they must be.</summary>
/// <param name="Tables">Of the contract.</param>
/// <param name="Marts">Made of those.</param>
sealed record ScriptedTables(IReadOnlyDictionary<string, ScriptedTables.Rows> Tables, IReadOnlyDictionary<string, ScriptedTables.Rows> Marts, JsonElement Counts)
{
    /// <param name="Key">How many columns, from the left, name a row.</param>
    public sealed record Rows(int Key, string[] Columns, string?[][] Values);

    public long Count(params string[] path) => path.Aggregate(Counts, (at, name) => at.GetProperty(name)).GetInt64();

    /// <param name="script">A file of tests/Shared.</param>
    public static async Task<ScriptedTables> ComputeAsync(string script, params string[] arguments)
    {
        string python = Requires.PythonModule("json", "apt-get install python3");
        using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Shared", script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        var said = JsonDocument.Parse(output).RootElement;
        return new ScriptedTables(Read("tables"), Read("marts"), said.GetProperty("counts"));

        Dictionary<string, Rows> Read(string which) => !said.TryGetProperty(which, out var tables) ? [] : tables.EnumerateObject().ToDictionary(t => t.Name, t => new Rows(
            t.Value.GetProperty("key").GetInt32(), t.Value.GetProperty("columns").Deserialize<string[]>()!, t.Value.GetProperty("rows").Deserialize<string?[][]>()!));
    }

    /// <summary>Every value of every table and mart, and no row more.</summary>
    public async Task AssertHeldByAsync(WarehouseTables warehouse)
    {
        foreach (var (table, expected) in Tables.Concat(Marts))
        {
            string KeyOf(string?[] row) => string.Join('/', row[..expected.Key]);
            var found = (await warehouse.RowsAsync(table, expected.Columns)).ToDictionary(KeyOf);
            foreach (string?[] row in expected.Values)
            {
                Assert.True(found.Remove(KeyOf(row), out string?[]? actual), $"{table} {KeyOf(row)} is not in the warehouse");
                for (int i = 0; i < row.Length; i++)
                    Assert.True(row[i] == actual[i], $"{table} {KeyOf(row)} {expected.Columns[i]}: the script computes {row[i] ?? "NULL"}, SQL says {actual[i] ?? "NULL"}");
            }
            Assert.True(found.Count == 0, $"{table} has rows that the source does not give: {string.Join(", ", found.Keys.Take(5))}");
        }
    }
}
