using Etl.Contracts;

namespace Quality.Reconciliation;

/// <summary>
/// Ranges of documents' keys, by which the tables of a dataset are summed: made while the source is read in the order of its keys, and found for the
/// warehouse's rows afterwards. A range that differs can be read again without the others, on either side.
/// </summary>
internal sealed class KeyRanges
{
    /// <summary>So many ranges at most; of more, neighbours become one.</summary>
    internal const int Most = 4096;

    readonly Dataset dataset;
    readonly int column;
    readonly bool isSigned;
    readonly RangeSums[] sums;
    readonly List<byte[]> ends = []; // the first key of the second range, of the third, …
    byte[] last = [];
    int lastLength, documentsPerRange, documents, found;
    bool isDisordered;

    /// <param name="sums">Those of the source, by table.</param>
    /// <param name="documentsPerRange">To begin with; doubled whenever there are too many ranges.</param>
    public KeyRanges(Dataset dataset, RangeSums[] sums, int documentsPerRange = 256)
    {
        (this.dataset, this.sums, this.documentsPerRange) = (dataset, sums, documentsPerRange);
        var key = dataset.RootTable.DocumentKey[0];
        column = dataset.RootTable.Columns.ToList().IndexOf(key);
        isSigned = key.Type is ColumnType.Integer or ColumnType.BigInt or ColumnType.Timestamp;
    }

    public int Count => ends.Count + 1;

    public IReadOnlyList<byte[]> Ends => ends;

    /// <summary>The range of the source's rows that come now.</summary>
    public int Current => ends.Count;

    /// <summary>Told of the rows of the root table, as the source gives them: one of a document, or several.</summary>
    public void Next(ReadOnlySpan<byte> rootRow)
    {
        var key = RowFields.At(rootRow, column);
        if (lastLength > 0)
        {
            int order = Compare(key, last.AsSpan(0, lastLength));
            isDisordered |= order < 0;
            if (order == 0)
                return; // one more row of the document: all of them are in one range
        }
        if (documents >= documentsPerRange && DocumentPositions.Of(dataset, key) is not null)
        {
            if (Count == Most)
                Halve();
            if (documents >= documentsPerRange)
            {
                ends.Add(key.ToArray());
                documents = 0;
            }
        }
        documents++;
        if (last.Length < key.Length)
            last = new byte[key.Length * 2];
        key.CopyTo(last);
        lastLength = key.Length;
    }

    void Halve()
    {
        for (int i = 0; i < ends.Count / 2; i++)
            ends[i] = ends[2 * i + 1];
        ends.RemoveRange(ends.Count / 2, ends.Count - ends.Count / 2);
        foreach (var table in sums)
            table.Halve();
        documentsPerRange *= 2;
        documents *= 2; // the range before was full, when it was full at half the size
    }

    /// <summary>A source that keeps no order is one range.</summary>
    public void Complete()
    {
        if (!isDisordered)
            return;
        ends.Clear();
        foreach (var table in sums)
            table.MakeOne();
    }

    /// <summary>The range of a row of the warehouse. Rows that have lost their key are in the last.</summary>
    /// <param name="documentKey">The key of its document, as a binary COPY field.</param>
    public int Of(ReadOnlySpan<byte> documentKey)
    {
        if (RowFields.IsNull(documentKey))
            return ends.Count;
        if ((found > ends.Count || found > 0 && Compare(documentKey, ends[found - 1]) < 0) || found < ends.Count && Compare(documentKey, ends[found]) >= 0)
            found = Find(documentKey);
        return found; // rows mostly lie in the order in which they were loaded
    }

    /// <returns>How many ends are not above the key.</returns>
    int Find(ReadOnlySpan<byte> documentKey)
    {
        int low = 0, high = ends.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Compare(documentKey, ends[middle]) >= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>As both sides order keys: text by its bytes, numbers by their sign first.</summary>
    int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        left = left[sizeof(int)..];
        right = right[sizeof(int)..];
        if (isSigned && (left[0] ^ right[0]) >= 0x80)
            return left[0] >= 0x80 ? -1 : 1;
        return left.SequenceCompareTo(right);
    }

    /// <summary>The ends between which neighbouring ranges lie, by their numbers; null: from the first key, or to the last.</summary>
    public (int? From, int? To) Between(int from, int to) => (from == 0 ? null : from - 1, to == Count ? null : to - 1);

    public byte[]? PositionOf(int? end) => end is { } n ? DocumentPositions.Of(dataset, ends[n]) : null;
}
