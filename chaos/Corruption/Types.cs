using Etl.Contracts;
using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>Values of the wrong type, and arrays of the wrong length.</summary>
static class Types
{
    /// <summary>Longer arrays are not made: a limit that large is no limit to test by one document.</summary>
    const int MostItems = 10_000;

    static readonly BsonValue[] Samples =
    [
        BsonValue.Of("not that"), BsonValue.Of(w => w.Write("", 42)), BsonValue.Of(43L), BsonValue.Of(1.5), BsonValue.Of((Decimal128)2.5m),
        BsonValue.Of(w => w.Write("", true)), BsonValue.OfDate(1_577_836_800_000), BsonValue.Of(w => w.WriteObjectId("", "twelve bytes"u8)),
        BsonValue.Of(w => w.WriteBinary("", [1, 2, 3])), BsonValue.Of(w => w.WriteRegex("", "^a", "i")), BsonValue.Of(w => w.WriteTimestamp("", 1)),
        BsonValue.Of(w => w.WriteText(BsonType.Symbol, "", "a symbol")), new(BsonType.MinKey, []), new(BsonType.MaxKey, []),
        BsonValue.Of(w => w.BeginDocument("").Write("unexpected", 1).End()), BsonValue.Of(w => w.BeginArray("").Write("", 1).End()),
    ];

    /// <summary>Right for a uuid column but for its subtype.</summary>
    static readonly BsonValue NoUuid = BsonValue.Of(w => w.WriteBinary("", new byte[16]));

    public static readonly BsonValue TwiceInside = BsonValue.Of(w => w.BeginDocument("").Write("twice", 1).Write("twice", 2).End());

    public static bool IsJson(Demands d) => d is { IsLoaded: true, IsValue: true, ColumnType: ColumnType.Jsonb, Constraints.ValidValues: null } && d.Accepts(BsonType.Document);

    public static BsonValue? Wrong(Place place, Demands d, Random random)
    {
        if (place is { IsElement: true, Field.Kind: FieldKind.Value } && !d.IsLoaded)
            return null; // what no column holds is not looked into
        var c = d.Constraints;
        bool anyText = c.MinLength is null && c.MaxLength is null && c.Pattern is null && c.Format is null;
        bool anyDate = c.Earliest is null && c.Latest is null;
        var wrong = Samples.Where(v => !d.Accepts(v.Type) && v.Type switch
        {
            BsonType.Document or BsonType.Array => true,
            _ when c.ValidValues is not null => false, // it would not be among them either
            BsonType.String => anyText,
            BsonType.DateTime => anyDate,
            BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128 => !d.HasBounds,
            _ => true,
        }).ToList();
        if (d is { IsValue: true, IsLoaded: true, ColumnType: ColumnType.Uuid } && c.ValidValues is null)
            wrong.Add(NoUuid);
        return random.PickFrom(wrong);
    }

    /// <summary>The array with so many items, its own ones repeated; null where there is none to repeat.</summary>
    public static BsonValue? ArrayOf(Place place, int count)
    {
        if (place.IsElement || place.Type is not BsonType.Array || count > MostItems)
            return null;
        var items = new List<BsonValue>();
        for (var reader = new BsonReader(place.Value.Span); reader.Read();)
            items.Add(new BsonValue(reader.Type, reader.Value.ToArray()));
        if (items.Count == 0 && count > 0)
            return null;
        return BsonValue.Of(writer =>
        {
            writer.BeginArray("");
            for (int i = 0; i < count; i++)
                writer.WriteRaw(items[i % items.Count].Type, "", items[i % items.Count].Bytes);
            writer.End();
        });
    }
}
