using Npgsql;
using Quality.Reports.Journal;

namespace Quality.Reports;

/// <summary>Reads what the page shows from the journal, schema <c>quality</c>, at one moment: a run that commits meanwhile is in whole or not at all.</summary>
/// <param name="product">Name and version of what makes the report.</param>
/// <param name="contracts">Where the runs' contracts are found; null: nowhere.</param>
public sealed class JournalReader(NpgsqlDataSource warehouse, TimeProvider time, string product, IContractLibrary? contracts = null)
{
    /// <param name="pipeline">One pipeline, which need not have run yet; null for all that the journal knows.</param>
    public async Task<QualityReport> ReadAsync(string? pipeline = null, CancellationToken cancel = default)
    {
        await using var journal = await JournalSession.OpenAsync(warehouse, cancel);
        List<PipelineReport> reports = [];
        IReadOnlyList<string> names = !journal.Exists ? [] : await journal.ListAsync("SELECT DISTINCT pipeline FROM quality.runs ORDER BY 1", r => r.GetString(0));
        foreach (var name in pipeline is null ? names : [pipeline])
            reports.Add(names.Contains(name) ? await PipelineAsync(journal, name) : PipelineReport.Blank(name).Judged());
        return QualityReport.Of(time.GetUtcNow(), product, reports);
    }

    async Task<PipelineReport> PipelineAsync(JournalSession journal, string pipeline)
    {
        List<SyncBooks> syncs = [];
        foreach (var run in await RunQuery.LatestSyncsAsync(journal, pipeline, ReportLimits.Syncs))
            syncs.Add(new(run, await BooksQuery.DatasetsAsync(journal, run.Id), await BooksQuery.TablesAsync(journal, run.Id)));
        var latest = syncs.LastOrDefault();
        var comparison = await RunQuery.LatestComparisonAsync(journal, pipeline);
        var rounds = await RoundQuery.LatestAsync(journal, pipeline);
        var contract = await ContractQuery.OfAsync(journal, contracts, pipeline, latest?.Run ?? comparison, Rows(latest, rounds));
        var report = PipelineReport.Blank(pipeline) with
        {
            Shipped = contracts?.Ships(pipeline) ?? true,
            Sync = latest?.Run,
            Comparison = comparison,
            Runs = await RunQuery.CountAsync(journal, pipeline),
            Contract = contract,
            Rules = RuleFacts.Of(contract, latest is null ? [] : await RuleQuery.BrokenAsync(journal, pipeline, latest.Run.Id)),
            Drift = await DriftQuery.OfAsync(journal, latest?.Run),
            History = await RunQuery.HistoryAsync(journal, pipeline),
            Books = latest?.Datasets ?? [],
            TableBooks = latest?.Tables ?? [],
            Earlier = [.. syncs.SkipLast(1).Reverse()],
            Throughput = await ThroughputQuery.LatestAsync(journal, pipeline),
            Rounds = rounds,
            Quarantine = await QuarantineQuery.OpenAsync(journal, pipeline),
            Experiments = await ExperimentQuery.LatestAsync(journal, pipeline),
            Marts = await MartQuery.OfAsync(journal, pipeline),
            Checks = await CheckQuery.LatestAsync(journal, pipeline),
            Loads = await LoadQuery.LatestAsync(journal, pipeline),
        };
        return report.Judged();
    }

    /// <summary>Rows of each table as they were counted last, by a comparison or at the end of a sync.</summary>
    static Dictionary<string, long> Rows(SyncBooks? sync, IReadOnlyList<ReconciliationRound> rounds)
    {
        Dictionary<string, long> rows = [];
        foreach (var table in rounds.SelectMany(r => r.Tables)) rows[table.Table] = table.Warehouse;
        foreach (var table in sync?.Tables ?? [])
            if (table.After is { } after && (sync!.Run.Id > (rounds.LastOrDefault()?.Run ?? 0) || !rows.ContainsKey(table.Table))) rows[table.Table] = after;
        return rows;
    }
}
