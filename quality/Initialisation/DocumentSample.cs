namespace Quality.Initialisation;

/// <summary>
/// Documents drawn from a stream of unknown length, each with the same chance (Vitter's algorithm R), and beside them those that had something new:
/// a rare shape is never missing. Neither outgrows its share of the memory.
/// </summary>
/// <param name="size">Documents to draw.</param>
/// <param name="mostBytes">Of the drawn ones together; where they are larger, fewer are kept, each still with the same chance.</param>
internal sealed class DocumentSample(int size, Random random, long mostBytes = DocumentSample.DefaultBytes)
{
    public const int DefaultSize = 10_000;
    const long DefaultBytes = 64L << 20, MostRareBytes = 16L << 20;

    readonly List<byte[]> drawn = [], rare = [];
    long offered, drawnBytes, rareBytes;

    /// <summary>Documents that had a field or a type that none before had.</summary>
    public IReadOnlyList<byte[]> Rare => rare;

    public IReadOnlyList<byte[]> Drawn => drawn;

    public int Count => drawn.Count + rare.Count;

    public void Offer(ReadOnlySpan<byte> document, bool isNew)
    {
        if (isNew && rareBytes + document.Length <= MostRareBytes)
        {
            rare.Add(document.ToArray());
            rareBytes += document.Length;
            return;
        }
        offered++;
        if (drawn.Count < size)
            Put(drawn.Count, document);
        else if (random.NextInt64(offered) is var place && place < size)
            Put((int)place, document);
    }

    void Put(int place, ReadOnlySpan<byte> document)
    {
        if (place == drawn.Count)
            drawn.Add([]);
        drawnBytes += document.Length - drawn[place].Length;
        drawn[place] = document.ToArray();
        while (drawnBytes > mostBytes && drawn.Count > 1)
        {
            int least = random.Next(drawn.Count);
            drawnBytes -= drawn[least].Length;
            (drawn[least], drawn[^1]) = (drawn[^1], drawn[least]);
            drawn.RemoveAt(drawn.Count - 1);
            size = drawn.Count;
        }
    }
}
