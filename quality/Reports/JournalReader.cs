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
        var sync = await RunQuery.LatestSyncAsync(journal, pipeline);
        var report = PipelineReport.Blank(pipeline) with
        {
            Sync = sync,
            Comparison = await RunQuery.LatestComparisonAsync(journal, pipeline),
            History = await RunQuery.HistoryAsync(journal, pipeline),
            Books = sync is null ? [] : await BooksQuery.DatasetsAsync(journal, sync.Id),
            TableBooks = sync is null ? [] : await BooksQuery.TablesAsync(journal, sync.Id),
            Throughput = await BooksQuery.ThroughputAsync(journal, pipeline),
            Rounds = await RoundQuery.LatestAsync(journal, pipeline),
            Quarantine = await QuarantineQuery.OpenAsync(journal, pipeline),
            Experiments = await ExperimentQuery.LatestAsync(journal, pipeline),
            Checks = await CheckQuery.LatestAsync(journal, pipeline),
        };
        return report.Judged();
    }
}
