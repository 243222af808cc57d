using Etl.Contracts;
using Etl.Sources;

namespace Quality.Reconciliation;

public enum Level
{
    /// <summary>Every column of every row, as it stands.</summary>
    Contents,

    /// <summary>Numbers of rows alone: can find a mismatch, but never says better than unknown.</summary>
    Counts,
}

/// <summary>How a reconciliation is done.</summary>
public sealed record ReconcileOptions
{
    /// <summary>The datasets to compare; null: all of the contract.</summary>
    public IReadOnlyList<Dataset>? Datasets { get; init; }

    /// <summary>Only documents of these days; null: all.</summary>
    public DayRange? Days { get; init; }

    /// <summary>The source gives only what a filter selects; the rows of other documents are not judged.</summary>
    public bool IsFiltered { get; init; }

    public Level Level { get; init; } = Level.Contents;

    /// <summary>How long differences are looked at again before what still moves is called in flight; zero: they are reported as found.</summary>
    public TimeSpan Settle { get; init; }

    /// <summary>How much is read; null: everything.</summary>
    public Budget? Budget { get; init; }

    /// <summary>Documents that a segment of a sample has at least: many small ones say more than a few large ones.</summary>
    internal int SmallestSegment { get; init; } = 100;

    /// <summary>Documents of a range to begin with, by which both sides are summed; larger collections have larger ranges.</summary>
    internal int DocumentsPerRange { get; init; } = 256;

    /// <summary>Rows of one side that are held in memory at a time where ranges differ; more are read in several turns.</summary>
    internal int RowsAtATime { get; init; } = Drill.RowsAtATime;

    /// <summary>A share of segments that may hold a difference: a sample that shows as much or less is reconciled. Null: none is.</summary>
    public double? AcceptBound { get; init; }

    public long? Seed { get; init; }

    /// <summary>Told every few thousand documents or rows, and at the end of each stage; from several threads, one after the other.</summary>
    public IProgress<ReconcileProgress>? Progress { get; init; }

    /// <summary>What a repair's second comparison adds to the names of its stages.</summary>
    internal string Again { get; init; } = "";

    internal const string Documents = "documents", Rows = "rows";

    /// <summary>What a stage calls with its count; null where nobody listens.</summary>
    internal Action<long>? Tell(string stage, string unit, long? expected) => Progress is not { } progress ? null
        : count => progress.Report(new ReconcileProgress(stage + Again, unit, count, expected));
}
