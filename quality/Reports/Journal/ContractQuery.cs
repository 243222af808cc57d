using System.Text.Json;

namespace Quality.Reports.Journal;

static class ContractQuery
{
    /// <summary>The contract that a run used, its tables with what was counted in them.</summary>
    public static async Task<ContractFacts> OfAsync(JournalSession journal, IContractLibrary? library, string pipeline, RunFacts? run, IReadOnlyDictionary<string, long> rows)
    {
        if (run is null) return ContractFacts.None;
        if (library is null) return ContractFacts.Absent($"The contract of run {run.Id} was not looked for.", run.Contract, run.ContractHash);
        var kept = run.ContractHash is null ? [] : await journal.ListAsync("SELECT content FROM quality.contracts WHERE hash = $1", r => r.GetFieldValue<byte[]>(0), run.ContractHash);
        var facts = library.Find(pipeline, run.Contract, run.ContractHash, kept.FirstOrDefault());
        var counted = await NullsAsync(journal, pipeline);
        return facts with
        {
            Tables = [.. facts.Tables.Select(t => With(t, rows.TryGetValue(t.Name, out var n) ? n : null, counted.GetValueOrDefault(t.Name)))],
        };
    }

    sealed record Nulls(long Run, long Rows, IReadOnlyDictionary<string, long> Columns);

    static DictionaryTable With(DictionaryTable table, long? rows, Nulls? nulls) => table with
    {
        Rows = rows,
        NullsOf = nulls?.Run,
        // Of no rows there is no share; a column that the contract did not have then was not counted.
        Columns = [.. table.Columns.Select(c => c with { NullShare = nulls is { Rows: > 0 } && nulls.Columns.TryGetValue(c.Column, out var count) ? (double)count / nulls.Rows : null })],
    };

    /// <summary>What the last comparison that read a table counted in it, row by row. PostgreSQL's own figures would be of a sample, and of keys alone.</summary>
    static async Task<Dictionary<string, Nulls>> NullsAsync(JournalSession journal, string pipeline) =>
        (await journal.ListAsync("SELECT DISTINCT ON (table_name) table_name, run_id, warehouse, nulls::text FROM quality.reconciliations WHERE pipeline = $1 AND nulls IS NOT NULL ORDER BY table_name, id DESC",
            r => (Table: r.GetString(0), Nulls: new Nulls(r.GetInt64(1), r.GetInt64(2), JsonSerializer.Deserialize<Dictionary<string, long>>(r.GetString(3))!)), pipeline)).ToDictionary(n => n.Table, n => n.Nulls);
}
