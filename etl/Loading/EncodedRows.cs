using Etl.Contracts;
using Etl.Flattening;

namespace Etl.Loading;

/// <summary>What is to be done with a row, once it is known what stands in the table.</summary>
internal enum RowState : byte
{
    New,
    Changed,
    Unchanged,
}

/// <summary>The rows that a batch gives to one table, in binary COPY form, findable by their key; used again for every batch.</summary>
internal sealed class EncodedRows(Table table)
{
    readonly FieldBuffer fields = new(64 * 1024);
    Row[] rows = new Row[256];
    int[] places = []; // open addressing by key, or by number of the document: 1 + number of the row; 0: free

    struct Row
    {
        public int Start, Length, Document;
        public RowState State;
        public Hash128 Hash, Key;
    }

    public Table Table => table;

    /// <summary>Hashes rows of this table, for keys.</summary>
    public RowHasher Hasher { get; } = new(table);

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Fields(int row) => fields.Slice(rows[row].Start, rows[row].Length);

    public Hash128 HashOf(int row) => rows[row].Hash;

    public int DocumentOf(int row) => rows[row].Document;

    public RowState this[int row]
    {
        get => rows[row].State;
        set => rows[row].State = value;
    }

    public int CountOf(RowState state)
    {
        int count = 0;
        foreach (ref readonly var row in rows.AsSpan(0, Count))
            count += row.State == state ? 1 : 0;
        return count;
    }

    public void Clear()
    {
        fields.Truncate();
        Count = 0;
    }

    /// <param name="row">The contract's columns, each behind its length.</param>
    /// <param name="document">Number of the document in its batch.</param>
    public void Add(ReadOnlySpan<byte> row, Hash128 hash, int document)
    {
        if (Count == rows.Length)
            Array.Resize(ref rows, rows.Length * 2);
        rows[Count++] = new Row { Start = fields.Length, Length = row.Length, Hash = hash, Document = document };
        fields.Write(row);
    }

    /// <summary>Makes rows findable by key.</summary>
    /// <returns>False when two rows have one key.</returns>
    public bool Index()
    {
        int size = 16;
        while (size < Count * 2)
            size *= 2;
        if (places.Length < size)
            places = new int[size];
        else
            Array.Clear(places);
        for (int i = 0; i < Count; i++)
        {
            var key = rows[i].Key = Hasher.Key(Fields(i));
            int place = Place(key);
            if (places[place] != 0)
                return false;
            places[place] = i + 1;
        }
        return true;
    }

    /// <summary>Makes rows findable by their document, where each has at most one.</summary>
    /// <param name="documents">Documents of the batch.</param>
    /// <returns>False when a document has two.</returns>
    public bool IndexByDocument(int documents)
    {
        if (places.Length < documents)
            places = new int[documents];
        else
            Array.Clear(places);
        for (int i = 0; i < Count; i++)
        {
            ref int place = ref places[rows[i].Document];
            if (place != 0)
                return false;
            place = i + 1;
        }
        return true;
    }

    /// <summary>To be asked after <see cref="IndexByDocument"/>.</summary>
    /// <returns>The number of the document's row; −1: there is none.</returns>
    public int FindByDocument(int document) => places[document] - 1;

    /// <summary>To be asked after <see cref="Index"/>.</summary>
    /// <returns>The number of the row with this key; −1: there is none.</returns>
    public int Find(Hash128 key) => places[Place(key)] - 1;

    int Place(Hash128 key)
    {
        int mask = places.Length - 1;
        for (int place = (int)key.Low & mask; ; place = (place + 1) & mask)
            if (places[place] == 0 || rows[places[place] - 1].Key == key)
                return place;
    }
}
