namespace Etl.Sources;

/// <summary>
/// What is handled together, one after the other in one buffer that is used again: documents, and what could not become one, in the order of the source.
/// </summary>
public sealed class DocumentBatch(int maxDocuments = DocumentBatch.DefaultDocuments, int maxBytes = DocumentBatch.DefaultBytes)
{
    /// <summary>Documents in a batch, at most.</summary>
    public const int DefaultDocuments = 10_000;

    /// <summary>Bytes in a batch, at most (a document that is larger makes a batch of its own).</summary>
    public const int DefaultBytes = 5 * 1024 * 1024;

    byte[] buffer = new byte[Math.Min(maxBytes, 256 * 1024)];
    int[] ends = new int[Math.Min(maxDocuments, 1024)];
    readonly Dictionary<int, (string MediaType, byte[] Position, string Reason)> refused = [];

    readonly Dictionary<int, (int Start, int Length, string MediaType)> originals = [];
    byte[] originalBytes = [];
    int originalEnd;

    /// <summary>Documents and refused items together: both count as read.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are no documents.</summary>
    public int RefusedCount => refused.Count;

    public int Bytes => Count == 0 ? 0 : ends[Count - 1];

    /// <summary>Position of the last item; empty batch: none.</summary>
    public byte[]? Position { get; set; }

    /// <summary>The bytes of a document, or of a refused item: ask <see cref="RefusedAt"/> which it is.</summary>
    public ReadOnlySpan<byte> this[int index] => Memory(index).Span;

    /// <summary>What there is to say of an item that is no document; null where it is one. Valid until the batch is filled again.</summary>
    public Refused? RefusedAt(int index) => refused.Count > 0 && refused.TryGetValue(index, out var item)
        ? new Refused(Memory(index), item.MediaType, item.Position, item.Reason) : null;

    /// <summary>The bytes that a document was made of, and what they are, where its source gave them along; else the document itself. Valid until the batch is filled again.</summary>
    public (ReadOnlyMemory<byte> Bytes, string MediaType) OriginalAt(int index) =>
        originals.TryGetValue(index, out var original) ? (originalBytes.AsMemory(original.Start, original.Length), original.MediaType)
        : RefusedAt(index) is { } item ? (item.Bytes, item.MediaType) : (Memory(index), Bson);

    const string Bson = "application/bson";

    /// <summary>Says what the last document added was made of: for sources that cannot be read again.</summary>
    public void SetOriginal(ReadOnlySpan<byte> bytes, string mediaType)
    {
        if (originalBytes.Length - originalEnd < bytes.Length)
            Array.Resize(ref originalBytes, Math.Max(originalBytes.Length * 2, originalEnd + bytes.Length));
        bytes.CopyTo(originalBytes.AsSpan(originalEnd));
        originals[Count - 1] = (originalEnd, bytes.Length, mediaType);
        originalEnd += bytes.Length;
    }

    public ReadOnlyMemory<byte> Memory(int index)
    {
        int start = index == 0 ? 0 : ends[index - 1];
        return buffer.AsMemory(start, ends[index] - start);
    }

    public bool HasRoomFor(int bytes) => Count == 0 || Count < maxDocuments && Bytes + bytes <= maxBytes;

    /// <summary>What was given of this day before this batch is void: it broke off, and comes again from here on, or is no more. A batch may say so and be empty.</summary>
    public bool Restarts { get; set; }

    public void Clear()
    {
        Restarts = false;
        Count = 0;
        Position = null;
        refused.Clear();
        originals.Clear();
        originalEnd = 0;
    }

    /// <summary>Adds bytes that could not become a document.</summary>
    /// <param name="position">Where they stand in the source, as <see cref="Position"/>; an empty document where nothing tells.</param>
    public void AddRefused(ReadOnlySpan<byte> bytes, string mediaType, byte[] position, string reason)
    {
        Add(bytes);
        refused.Add(Count - 1, (mediaType, position, reason));
    }

    public void Add(ReadOnlySpan<byte> document)
    {
        int start = Bytes;
        if (buffer.Length - start < document.Length)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, start + document.Length));
        if (Count == ends.Length)
            Array.Resize(ref ends, ends.Length * 2);
        document.CopyTo(buffer.AsSpan(start));
        ends[Count++] = start + document.Length;
    }
}
