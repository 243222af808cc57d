using System.Buffers.Binary;
using Etl.Contracts;
using Etl.Flattening;

namespace Etl.Loading;

/// <summary>The keys of a batch's documents, as their tables hold them, in the order of the batch; used again for every batch.</summary>
internal sealed class BatchKeys(Column column)
{
    readonly FieldBuffer fields = new(16 * 1024);
    readonly Dictionary<Hash128, int> numbers = [];
    Document[] documents = new Document[256];
    int expected; // whose key is probably asked for next
    bool isIndexed;

    struct Document
    {
        public int Start, Length, Number;
        public bool Accepted;
    }

    /// <summary>Documents whose key can be read.</summary>
    public int Count { get; private set; }

    /// <summary>Whether each key is greater than the one before: then no document came twice.</summary>
    public bool Ascends { get; private set; }

    /// <summary>Whether a key is less than one before it: then the source has another order than the tables.</summary>
    public bool Descends { get; private set; }

    /// <summary>A document's key as one binary COPY field behind its length.</summary>
    public ReadOnlySpan<byte> this[int index] => fields.Slice(documents[index].Start, documents[index].Length);

    /// <summary>The greatest key; empty: there is none.</summary>
    public ReadOnlySpan<byte> Last
    {
        get
        {
            ReadOnlySpan<byte> last = default;
            for (int i = Ascends ? Math.Max(0, Count - 1) : 0; i < Count; i++)
                if (last.IsEmpty || Compare(this[i], last) > 0)
                    last = this[i];
            return last;
        }
    }

    /// <summary>A document's number in its batch.</summary>
    public int NumberOf(int index) => documents[index].Number;

    public bool IsAccepted(int index) => documents[index].Accepted;

    public void Clear()
    {
        fields.Truncate();
        (Count, Ascends, Descends, expected, isIndexed) = (0, true, false, 0, false);
    }

    /// <param name="field">One binary COPY field behind its length; empty: the key cannot be read.</param>
    public void Add(ReadOnlySpan<byte> field, int number, bool accepted)
    {
        if (field.IsEmpty)
            return;
        int order = Count == 0 ? 1 : Compare(field, this[Count - 1]);
        Ascends &= order > 0;
        Descends |= order < 0;
        if (Count == documents.Length)
            Array.Resize(ref documents, documents.Length * 2);
        documents[Count] = new Document { Start = fields.Length, Length = field.Length, Number = number, Accepted = accepted };
        fields.Write(field);
        Count++;
    }

    /// <summary>Finds a document by its key; quickest where keys are asked for in the order of the batch, each once or several times.</summary>
    /// <param name="value">A key's bytes, without their length.</param>
    /// <returns>The index of the document that has it; −1: there is none.</returns>
    public int Find(ReadOnlySpan<byte> value)
    {
        if (Has(expected, value))
            return expected++;
        if (Has(expected - 1, value))
            return expected - 1;
        if (!isIndexed)
            Index();
        if (!numbers.TryGetValue(Hash128.Of(value), out int index))
            return -1;
        expected = index + 1;
        return index;
    }

    bool Has(int index, ReadOnlySpan<byte> value) => (uint)index < (uint)Count && this[index][4..].SequenceEqual(value);

    void Index()
    {
        numbers.Clear();
        for (int i = 0; i < Count; i++)
            numbers[Hash128.Of(this[i][4..])] = i;
        isIndexed = true;
    }

    /// <summary>PostgreSQL's order of two keys: text, uuid and boolean by bytes, numbers and times by value.</summary>
    public int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => column.Type switch
    {
        ColumnType.Integer => BinaryPrimitives.ReadInt32BigEndian(left[4..]).CompareTo(BinaryPrimitives.ReadInt32BigEndian(right[4..])),
        ColumnType.BigInt or ColumnType.Timestamp => BinaryPrimitives.ReadInt64BigEndian(left[4..]).CompareTo(BinaryPrimitives.ReadInt64BigEndian(right[4..])),
        _ => left[4..].SequenceCompareTo(right[4..]),
    };
}
