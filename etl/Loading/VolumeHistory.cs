using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Asks whether a table has about as many rows as after earlier loads. A load that did not end well is no measure of anything.</summary>
public static class VolumeHistory
{
    /// <summary>The rule's name in the journal.</summary>
    public const string Rule = "volume";

    /// <summary>Loads that are needed, and loads that are looked at, the latest first.</summary>
    public const int Fewest = 5, Most = 30;

    /// <summary>
    /// How far from the median is still usual: so many times the median distance from it, which this factor turns into a standard deviation where rows vary as most things do.
    /// </summary>
    const double Deviations = 3.5, DeviationOfMedianDistance = 1.4826;

    /// <summary>A table that never changed would call every new row unusual: so much is always allowed.</summary>
    const double AlwaysAllowed = 0.1;
    const long RowsAlwaysAllowed = 10;

    /// <returns>Null: too few to say.</returns>
    public static (double Median, double Lowest, double Highest)? Usual(IReadOnlyCollection<long> earlier)
    {
        if (earlier.Count < Fewest)
            return null;
        double median = Median(earlier.Select(n => (double)n));
        double distance = Median(earlier.Select(n => Math.Abs(n - median)));
        double allowed = Math.Max(Deviations * DeviationOfMedianDistance * distance, Math.Max(AlwaysAllowed * median, RowsAlwaysAllowed));
        return (median, Math.Max(0, median - allowed), median + allowed);
    }

    static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <param name="dataset">Its root table is measured.</param>
    public static async Task<CheckResult?> AskAsync(NpgsqlConnection connection, string pipeline, Dataset dataset, CancellationToken cancellation)
    {
        if (dataset.Volume == VolumeCheck.Off)
            return null;
        string table = dataset.RootTable.QualifiedName;
        // What is there now is the latest load's; those before it say what is usual.
        var earlier = await connection.ListAsync<long>("""
            SELECT l.rows_after FROM quality.table_ledger l JOIN quality.runs r ON r.id = l.run_id
            WHERE r.pipeline = $1 AND r.command = 'sync' AND r.verdict = 'reconciled' AND l.table_name = $2 AND l.rows_after IS NOT NULL
              AND r.id < (SELECT max(run_id) FROM quality.table_ledger WHERE table_name = $2)
            ORDER BY r.id DESC LIMIT $3
            """, cancellation, pipeline, table, Most);
        long rows = await connection.ScalarAsync<long>($"SELECT count(*) FROM {dataset.RootTable.Live}", cancellation);
        var usual = Usual(earlier);
        bool? holds = usual is var (_, lowest, highest) ? rows >= lowest && rows <= highest : null;
        return new CheckResult(table, "", Rule, holds == false ? 1 : 0, [])
        {
            Name = "rows compared with earlier loads",
            Measured = rows,
            Unit = "rows",
            Expected = usual is var (median, low, high) ? $"{Math.Ceiling(low):0} to {Math.Floor(high):0} (median of {earlier.Count} loads: {median:0})" : "about as many as after earlier loads",
            Holds = holds,
            Warns = dataset.Volume == VolumeCheck.Warn,
            Failure = usual is null ? $"not enough history: {earlier.Count} earlier loads ended well, {Fewest} are needed" : null,
        };
    }
}
