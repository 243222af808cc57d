namespace Quality.Reports.Journal;

static class ContractQuery
{
    /// <summary>The contract that a run used, its tables with what the warehouse knows of them without being asked to count.</summary>
    public static async Task<ContractFacts> OfAsync(JournalSession journal, IContractLibrary? library, string pipeline, RunFacts? run, IReadOnlyDictionary<string, long> rows)
    {
        if (run is null) return ContractFacts.None;
        if (library is null) return ContractFacts.Absent($"The contract of run {run.Id} was not looked for.", run.Contract, run.ContractHash);
        var kept = run.ContractHash is null ? [] : await journal.ListAsync("SELECT content FROM quality.contracts WHERE hash = $1", r => r.GetFieldValue<byte[]>(0), run.ContractHash);
        var facts = library.Find(pipeline, run.Contract, run.ContractHash, kept.FirstOrDefault());
        var shares = await NullSharesAsync(journal, [.. facts.Tables.Select(t => t.Schema).Distinct()]);
        return facts with
        {
            Tables = [.. facts.Tables.Select(t => t with
            {
                Rows = rows.TryGetValue(t.Name, out var n) ? n : null,
                Columns = [.. t.Columns.Select(c => c with { NullShare = shares.TryGetValue((t.Schema, t.Table, c.Column), out var share) ? share : null })],
            })],
        };
    }

    /// <summary>As ANALYZE found them, exact up to 30,000 rows, a sample beyond. A sync has it look at keys alone; the other columns come when autovacuum does.</summary>
    static async Task<Dictionary<(string, string, string), double>> NullSharesAsync(JournalSession journal, string[] schemas) => schemas.Length == 0 ? []
        : (await journal.ListAsync("SELECT schemaname::text, tablename::text, attname::text, null_frac::float8 FROM pg_stats WHERE schemaname = ANY ($1) AND NOT inherited",
            r => (Column: (r.GetString(0), r.GetString(1), r.GetString(2)), Share: r.GetDouble(3)), (object)schemas)).ToDictionary(s => s.Column, s => s.Share);
}
