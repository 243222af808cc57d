using System.Buffers.Binary;
using Etl.Documents;

namespace Etl.Sources.Http;

/// <summary>What is fetched whole, or not at all: a day, or everything where an API has no days.</summary>
/// <param name="Day">Null: everything.</param>
internal sealed record HttpPart(DateOnly? Day)
{
    /// <summary>For people.</summary>
    public string Name => Day is { } day ? day.ToString("O", System.Globalization.CultureInfo.InvariantCulture) : "the list";

    /// <summary>Of an element: <c>{_id: {day, index}}</c>, or <c>{_id: {page: 0, index}}</c> where there are no days; counted over all pages of the part.</summary>
    public byte[] Position(int index) => Bson.Make(w =>
    {
        w.BeginDocument("_id");
        if (Day is { } day)
            w.WriteDateTime("day", new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero));
        else
            w.Write("page", 0);
        w.Write("index", index).End();
    });

    /// <summary>Puts another index into a position, which ends with it and two closing NULs.</summary>
    public static void SetIndex(Span<byte> position, int index) => BinaryPrimitives.WriteInt32LittleEndian(position[^6..], index);

    /// <summary>The part and the index that a position names.</summary>
    /// <exception cref="ArgumentException">The position is not of this source.</exception>
    public static (HttpPart Part, int Index) Of(ReadOnlySpan<byte> position)
    {
        var id = new BsonReader(position);
        if (!id.Read() || id.Type != BsonType.Document)
            throw NotOurs(position);
        DateOnly? day = null;
        int? index = null;
        for (var element = id.Nested(); element.Read();)
            if (element.Type == BsonType.DateTime)
                day = DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(element.DateTime).UtcDateTime);
            else if (element.Type == BsonType.Int32 && element.NameUtf8.SequenceEqual("index"u8))
                index = element.Int32;
        return (new HttpPart(day), index ?? throw NotOurs(position));
    }

    static ArgumentException NotOurs(ReadOnlySpan<byte> position) => new($"'{PositionText.Of(position)}' is no position of an HTTP source: {{day, index}}.");
}
