using Npgsql;
using Quality.Reports.Journal;

namespace Quality.Reports;

/// <summary>Reads what the page shows from the journal, schema <c>quality</c>, at one moment: a run that commits meanwhile is in whole or not at all.</summary>
/// <param name="product">Name and version of what makes the report.</param>
public sealed class JournalReader(NpgsqlDataSource warehouse, TimeProvider time, string product)
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

    static async Task<PipelineReport> PipelineAsync(JournalSession journal, string pipeline)
    {
        List<SyncBooks> syncs = [];
        foreach (var run in await RunQuery.LatestSyncsAsync(journal, pipeline, ReportLimits.Syncs))
            syncs.Add(new(run, await BooksQuery.DatasetsAsync(journal, run.Id), await BooksQuery.TablesAsync(journal, run.Id)));
        var latest = syncs.LastOrDefault();
        var report = PipelineReport.Blank(pipeline) with
        {
            Sync = latest?.Run,
            Comparison = await RunQuery.LatestComparisonAsync(journal, pipeline),
            History = await RunQuery.HistoryAsync(journal, pipeline),
            Books = latest?.Datasets ?? [],
            TableBooks = latest?.Tables ?? [],
            Earlier = [.. syncs.SkipLast(1).Reverse()],
            Throughput = await BooksQuery.ThroughputAsync(journal, pipeline),
            Rounds = await RoundQuery.LatestAsync(journal, pipeline),
            Quarantine = await QuarantineQuery.OpenAsync(journal, pipeline),
            Experiments = await ExperimentQuery.LatestAsync(journal, pipeline),
            Checks = await CheckQuery.LatestAsync(journal, pipeline),
        };
        return report.Judged();
    }
}
