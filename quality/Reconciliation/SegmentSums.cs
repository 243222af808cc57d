using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>Counts and sums of one table's rows on one side, in buckets of the key's hash; independent of the rows' order.</summary>
internal sealed class SegmentSums
{
    public const int Segments = 4096;

    readonly long[] counts = new long[Segments];
    readonly Hash128[] sums = new Hash128[Segments];

    public long Count { get; private set; }
    public Hash128 Sum { get; private set; }

    public static int SegmentOf(Hash128 keyHash) => (int)(keyHash.Low % Segments);

    /// <remarks>
    /// A row's hash is itself a sum over its columns. Summed as it is, two rows that swap a value would cancel out;
    /// so it is hashed once more.
    /// </remarks>
    public void Add(Hash128 keyHash, Hash128 rowHash)
    {
        int segment = SegmentOf(keyHash);
        var mixed = rowHash.Mixed();
        counts[segment]++;
        sums[segment] += mixed;
        Count++;
        Sum += mixed;
    }

    public long CountOf(int segment) => counts[segment];

    public IEnumerable<int> DifferingFrom(SegmentSums other)
    {
        for (int i = 0; i < Segments; i++)
            if (counts[i] != other.counts[i] || sums[i] != other.sums[i])
                yield return i;
    }
}
