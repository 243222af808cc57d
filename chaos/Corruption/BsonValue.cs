using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>A value without its name, as it lies in a document.</summary>
public sealed record BsonValue(BsonType Type, byte[] Bytes)
{
    public static readonly BsonValue Null = new(BsonType.Null, []);

    /// <param name="write">Writes one element; its name does not matter.</param>
    public static BsonValue Of(Action<BsonWriter> write)
    {
        var reader = new BsonReader(Bson.Make(write));
        reader.Read();
        return new BsonValue(reader.Type, reader.Value.ToArray());
    }

    public static BsonValue Of(string text) => Of(w => w.Write("", text));
    public static BsonValue Of(long number) => Of(w => w.Write("", number));
    public static BsonValue Of(double number) => Of(w => w.Write("", number));
    public static BsonValue Of(Decimal128 number) => Of(w => w.Write("", number));
    public static BsonValue OfDate(long milliseconds) => Of(w => w.WriteDateTime("", milliseconds));

    /// <summary>Text as bytes, whatever they are.</summary>
    public static BsonValue OfUtf8(byte[] utf8) => Of(w => w.WriteUtf8("", utf8));
}
