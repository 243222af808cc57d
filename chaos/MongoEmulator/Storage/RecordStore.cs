namespace Chaos.MongoEmulator.Storage;

/// <summary>Documents in the order of their insertion, each under a number that is never used again, so that a cursor can stand on it.</summary>
sealed class RecordStore
{
    const int ChunkSize = 4096;

    readonly List<byte[]?[]?> chunks = [];
    readonly List<int> live = [];

    public long Count { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>One above the last number given.</summary>
    public long End { get; private set; }

    public long Add(byte[] document)
    {
        int slot = (int)(End % ChunkSize);
        if (slot == 0)
        {
            chunks.Add(new byte[ChunkSize][]);
            live.Add(0);
        }
        chunks[^1]![slot] = document;
        live[^1]++;
        Count++;
        Bytes += document.Length;
        return End++;
    }

    public void Replace(long record, byte[] document)
    {
        ref var place = ref chunks[(int)(record / ChunkSize)]![record % ChunkSize];
        Bytes += document.Length - place!.Length;
        place = document;
    }

    public void Remove(long record)
    {
        int chunk = (int)(record / ChunkSize);
        ref var place = ref chunks[chunk]![record % ChunkSize];
        Bytes -= place!.Length;
        place = null;
        Count--;
        if (--live[chunk] > 0)
            return;
        if (chunk < chunks.Count - 1 || End % ChunkSize == 0)
            chunks[chunk] = null;
    }

    /// <summary>The next document at or after a number, which moves past it; null at the end.</summary>
    public byte[]? Next(ref long record)
    {
        while (record < End)
        {
            var chunk = chunks[(int)(record / ChunkSize)];
            if (chunk == null)
            {
                record = (record / ChunkSize + 1) * ChunkSize;
                continue;
            }
            if (chunk[record++ % ChunkSize] is { } document)
                return document;
        }
        return null;
    }

    /// <summary>The document before a number, which moves onto it; null at the beginning.</summary>
    public byte[]? Previous(ref long record)
    {
        while (record > 0)
        {
            var chunk = chunks[(int)((record - 1) / ChunkSize)];
            if (chunk == null)
            {
                record = (record - 1) / ChunkSize * ChunkSize;
                continue;
            }
            if (chunk[--record % ChunkSize] is { } document)
                return document;
        }
        return null;
    }
}
