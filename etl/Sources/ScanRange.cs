namespace Etl.Sources;

/// <summary>A part of a dataset, in the order of its positions.</summary>
/// <param name="From">The first position that belongs to it, whether or not a document stands there; null: from the beginning.</param>
/// <param name="To">The first position behind it; null: to the end.</param>
public sealed record ScanRange(byte[]? From, byte[]? To)
{
    public static readonly ScanRange Whole = new(null, null);
}
