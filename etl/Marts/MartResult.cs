namespace Etl.Marts;

/// <summary>What became of one mart in a run.</summary>
/// <param name="Built">False: it has the content that it had, or none.</param>
/// <param name="Rows">As they are now; null where it was never made.</param>
/// <param name="Inserted">Rows that are new, or changed: those are removed and inserted.</param>
public sealed record MartResult(Mart Mart, bool Built, long? Rows, long Inserted = 0, long Removed = 0, long Milliseconds = 0)
{
    /// <summary>Tables that must be loaded first; empty where that is not why it was not built.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];
}
