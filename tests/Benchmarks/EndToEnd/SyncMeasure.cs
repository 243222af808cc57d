using Npgsql;

namespace Benchmarks.EndToEnd;

/// <summary>What `quality sync` needed, as a process.</summary>
/// <param name="LoadSeconds">From the run's start to its end in the sync's own journal (quality.runs): all but starting the program and connecting, and making marts.</param>
/// <param name="MartSeconds">What the run's marts took, which nobody makes by copying rows (quality.mart_builds).</param>
/// <param name="ProcessSeconds">From before the process was started until it had ended.</param>
/// <param name="CpuSeconds">Of the whole process: what a busy machine does not change much.</param>
/// <param name="PeakBytes">The most physical memory that the process had.</param>
sealed record SyncMeasure(long Documents, long Rows, long Inserted, long Updated, double LoadSeconds, double MartSeconds, double ProcessSeconds, double CpuSeconds, long PeakBytes)
{
    /// <summary>Rows a second, over all tables, by the journal's clock.</summary>
    public double Rate => Rows / LoadSeconds;

    public double ProcessRate => Rows / ProcessSeconds;

    /// <summary>Documents read a second, by the journal's clock.</summary>
    public double DocumentRate => Documents / LoadSeconds;

    /// <exception cref="InvalidOperationException">The sync read another number of documents than its source has.</exception>
    public SyncMeasure Read(string what, long documents) => Documents == documents ? this
        : throw new InvalidOperationException($"{what} should read {documents:N0} documents; it read {Documents:N0}.");

    /// <param name="pipeline">A shipped pipeline, or a folder.</param>
    public static Task<SyncMeasure> RunAsync(string pipeline, string mongo, string warehouse, CancellationToken cancellation) => RunAsync([pipeline, "--mongo", mongo], null, warehouse, cancellation);

    /// <param name="pipeline">What stands behind `quality sync`.</param>
    /// <param name="source">Where the source is: environment variables.</param>
    public static async Task<SyncMeasure> RunAsync(IReadOnlyList<string> pipeline, IReadOnlyDictionary<string, string>? source, string warehouse, CancellationToken cancellation)
    {
        var child = await ChildProcess.RunAsync(ChildProcess.Quality, ["sync", .. pipeline, "--warehouse", warehouse], source, cancellation);
        await using var journal = NpgsqlDataSource.Create(warehouse);
        await using var command = journal.CreateCommand("""
            SELECT extract(epoch FROM ended_at - started_at)::float8 - m.seconds, m.seconds,
              (SELECT sum(read) FROM quality.ledger l WHERE l.run_id = r.id)::bigint,
              t.produced, t.inserted, t.updated
            FROM quality.runs r,
              LATERAL (SELECT coalesce(sum(milliseconds), 0)::float8 / 1000 AS seconds FROM quality.mart_builds WHERE run_id = r.id) m,
              LATERAL (SELECT sum(produced)::bigint AS produced, sum(inserted)::bigint AS inserted, sum(updated)::bigint AS updated FROM quality.table_ledger WHERE run_id = r.id) t
            WHERE command = 'sync' ORDER BY id DESC LIMIT 1
            """);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new SyncMeasure(row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetDouble(0), row.GetDouble(1), child.Seconds, child.CpuSeconds, child.PeakBytes);
    }

    /// <summary>A benchmark of something that did not happen would be worth nothing.</summary>
    /// <exception cref="InvalidOperationException">The sync wrote other numbers of rows than it should have.</exception>
    public SyncMeasure Wrote(string what, long inserted, long updated) => (Inserted, Updated) == (inserted, updated) ? this
        : throw new InvalidOperationException($"{what} should insert {inserted:N0} and update {updated:N0} rows; it inserted {Inserted:N0} and updated {Updated:N0}.");
}
