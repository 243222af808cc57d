using System.Buffers.Binary;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>Finds the _id of a stored document, which always comes first: its name ends at byte 9.</summary>
static class IdKey
{
    const int TypeAt = 4, ValueAt = 9;

    public static ReadOnlySpan<byte> Of(byte[] document, out BsonType type)
    {
        type = (BsonType)document[TypeAt];
        int length = type switch
        {
            BsonType.ObjectId => 12,
            BsonType.Int32 => 4,
            BsonType.Int64 or BsonType.Double or BsonType.DateTime or BsonType.Timestamp => 8,
            BsonType.String => 4 + BinaryPrimitives.ReadInt32LittleEndian(document.AsSpan(ValueAt)),
            _ => -1,
        };
        if (length >= 0)
            return document.AsSpan(ValueAt, length);
        var reader = new BsonReader(document);
        reader.Read();
        return reader.Value;
    }

    public static Values.BsonValue ValueOf(byte[] document)
    {
        var value = Of(document, out var type);
        return new(type, document.AsMemory(ValueAt, value.Length));
    }
}
