using Etl.Documents;
using Etl.Flattening;

namespace Etl.Loading;

/// <summary>
/// What a document's leading <c>_id</c> says of the place where it stands, and so of its version among documents of one key.
/// A day's documents are in the order of that day, and a later day comes after an earlier one; elsewhere each place is a partition of its own,
/// which the same document has at every reading, so that the order does not depend on how or when documents were read.
/// </summary>
/// <param name="Partition">Orders partitions: the higher wins, whenever it was read.</param>
/// <param name="Day">The partition is a day, which is read, staged and merged as a whole.</param>
/// <param name="Index">Place within the day.</param>
public readonly record struct EventPosition(ulong Partition, bool Day, uint? Index)
{
    const long MillisecondsPerDay = 86_400_000;
    const ulong Sign = 1ul << 63;

    static readonly EventPosition None = new(0, false, null);

    /// <param name="document">A document with its position in front, or a position alone.</param>
    public static EventPosition Of(ReadOnlySpan<byte> document)
    {
        if (document.Length <= BsonReader.SmallestDocument)
            return None;
        try
        {
            return OfDocument(new BsonReader(document));
        }
        catch (BsonException)
        {
            return None; // refused as malformed
        }
    }

    static EventPosition OfDocument(BsonReader reader)
    {
        if (!reader.Read() || !reader.NameUtf8.SequenceEqual("_id"u8))
            return None;
        switch (reader.Type)
        {
            case BsonType.Document:
                return OfParts(reader.Nested(), reader.Value);
            case BsonType.Int32:
                return new EventPosition(Ordered(reader.Int32), false, null);
            case BsonType.Int64:
                return new EventPosition(Ordered(reader.Int64), false, null);
            default:
                return new EventPosition(Hash128.Of(reader.Value).High, false, null);
        }
    }

    static EventPosition OfParts(BsonReader parts, ReadOnlySpan<byte> whole)
    {
        if (!parts.Read() || parts.Type != BsonType.DateTime || !parts.NameUtf8.SequenceEqual("day"u8))
            return new EventPosition(Hash128.Of(whole).High, false, null);
        ulong day = Ordered(Math.DivRem(parts.DateTime, MillisecondsPerDay).Quotient);
        return new EventPosition(day, true, parts.Read() && parts.Type == BsonType.Int32 ? (uint)parts.Int32 : null);
    }

    /// <summary>The day as 2024-01-31.</summary>
    public string DayText => DateTimeOffset.UnixEpoch.AddDays((long)(Partition ^ Sign)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    static ulong Ordered(long number) => (ulong)number ^ Sign;

    /// <summary>The position of a day's first document, whether or not there is one.</summary>
    public static byte[] StartOf(DateOnly day) => Bson.Make(w => w.BeginDocument("_id")
        .WriteDateTime("day", new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds()).Write("index", 0).End());
}
