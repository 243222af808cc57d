namespace Etl.Sources;

/// <summary>Documents that are handled together, one after the other in one buffer that is used again.</summary>
public sealed class DocumentBatch(int maxDocuments = DocumentBatch.DefaultDocuments, int maxBytes = DocumentBatch.DefaultBytes)
{
    /// <summary>Documents in a batch, at most.</summary>
    public const int DefaultDocuments = 10_000;

    /// <summary>Bytes in a batch, at most (a document that is larger makes a batch of its own).</summary>
    public const int DefaultBytes = 5 * 1024 * 1024;

    byte[] buffer = new byte[Math.Min(maxBytes, 256 * 1024)];
    int[] ends = new int[Math.Min(maxDocuments, 1024)];

    public int Count { get; private set; }

    public int Bytes => Count == 0 ? 0 : ends[Count - 1];

    /// <summary>Position of the last document; empty batch: none.</summary>
    public byte[]? Position { get; set; }

    public ReadOnlySpan<byte> this[int index] => Memory(index).Span;

    public ReadOnlyMemory<byte> Memory(int index)
    {
        int start = index == 0 ? 0 : ends[index - 1];
        return buffer.AsMemory(start, ends[index] - start);
    }

    public bool HasRoomFor(int bytes) => Count == 0 || Count < maxDocuments && Bytes + bytes <= maxBytes;

    public void Clear()
    {
        Count = 0;
        Position = null;
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
