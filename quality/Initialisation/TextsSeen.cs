using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>The texts of one field: what keeps them from standing in a column, and how long they are.</summary>
internal sealed class TextsSeen
{
    /// <summary>Texts with a NUL, which neither text nor jsonb of PostgreSQL holds.</summary>
    public long WithNul { get; private set; }

    public long NotUtf8 { get; private set; }

    public int LongestBytes { get; private set; }

    public void Add(ReadOnlySpan<byte> utf8)
    {
        LongestBytes = Math.Max(LongestBytes, utf8.Length);
        if (utf8.Contains((byte)0))
            WithNul++;
        else if (!BsonReader.Utf8Valid(utf8))
            NotUtf8++;
    }
}
