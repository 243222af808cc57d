using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>Counts and sums of one table's rows on one side, by <see cref="KeyRanges"/>; independent of the rows' order within a range.</summary>
internal sealed class RangeSums
{
    readonly long[] counts = new long[KeyRanges.Most];
    readonly Hash128[] sums = new Hash128[KeyRanges.Most];

    public long Count { get; private set; }

    public Hash128 Sum { get; private set; }

    /// <remarks>Hashed once more, as in <see cref="SegmentSums.Add"/>.</remarks>
    public void Add(int range, Hash128 rowHash)
    {
        var mixed = rowHash.Mixed();
        counts[range]++;
        sums[range] += mixed;
        Count++;
        Sum += mixed;
    }

    /// <summary>Each range and its neighbour become one.</summary>
    public void Halve()
    {
        for (int i = 0; i < KeyRanges.Most / 2; i++)
            (counts[i], sums[i]) = (counts[2 * i] + counts[2 * i + 1], sums[2 * i] + sums[2 * i + 1]);
        Array.Clear(counts, KeyRanges.Most / 2, KeyRanges.Most / 2);
        Array.Clear(sums, KeyRanges.Most / 2, KeyRanges.Most / 2);
    }

    public void MakeOne()
    {
        Array.Clear(counts);
        Array.Clear(sums);
        (counts[0], sums[0]) = (Count, Sum);
    }

    /// <summary>Rows from one range up to, not with, another.</summary>
    public long CountOf(int from, int to)
    {
        long rows = 0;
        foreach (long count in counts.AsSpan(from, to - from))
            rows += count;
        return rows;
    }

    /// <summary>Ranges in which the two sides differ, neighbours together, with the rows of the larger side; at most so many rows in one, where a range has no more alone.</summary>
    public IEnumerable<(int From, int To, long Rows)> DifferingFrom(RangeSums other, int ranges, long mostRows)
    {
        (int From, int To, long Rows)? run = null;
        for (int i = 0; i < ranges; i++)
        {
            bool differs = counts[i] != other.counts[i] || sums[i] != other.sums[i];
            long rows = Math.Max(counts[i], other.counts[i]);
            if (run is { } open && (!differs || open.Rows + rows > mostRows))
            {
                yield return open;
                run = null;
            }
            if (differs)
                run = run is { } before ? (before.From, i + 1, before.Rows + rows) : (i, i + 1, rows);
        }
        if (run is { } last)
            yield return last;
    }
}
