namespace Etl.Documents;

/// <summary>Element types of BSON 1.1, by their byte on the wire (bsonspec.org).</summary>
public enum BsonType : byte
{
    EndOfDocument = 0x00,
    Double = 0x01,
    String = 0x02,
    Document = 0x03,
    Array = 0x04,
    Binary = 0x05,
    Undefined = 0x06,
    ObjectId = 0x07,
    Boolean = 0x08,
    DateTime = 0x09,
    Null = 0x0A,
    RegularExpression = 0x0B,
    DbPointer = 0x0C,
    JavaScript = 0x0D,
    Symbol = 0x0E,
    JavaScriptWithScope = 0x0F,
    Int32 = 0x10,
    Timestamp = 0x11,
    Int64 = 0x12,
    Decimal128 = 0x13,
    MaxKey = 0x7F,
    MinKey = 0xFF,
}

public static class BsonTypeNames
{
    /// <summary>The alias that MongoDB's <c>$type</c> operator uses: <c>objectId</c>, <c>int</c>, <c>date</c> …</summary>
    public static string Alias(this BsonType type) => type switch
    {
        BsonType.Double => "double",
        BsonType.String => "string",
        BsonType.Document => "object",
        BsonType.Array => "array",
        BsonType.Binary => "binData",
        BsonType.Undefined => "undefined",
        BsonType.ObjectId => "objectId",
        BsonType.Boolean => "bool",
        BsonType.DateTime => "date",
        BsonType.Null => "null",
        BsonType.RegularExpression => "regex",
        BsonType.DbPointer => "dbPointer",
        BsonType.JavaScript => "javascript",
        BsonType.Symbol => "symbol",
        BsonType.JavaScriptWithScope => "javascriptWithScope",
        BsonType.Int32 => "int",
        BsonType.Timestamp => "timestamp",
        BsonType.Int64 => "long",
        BsonType.Decimal128 => "decimal",
        BsonType.MaxKey => "maxKey",
        BsonType.MinKey => "minKey",
        _ => $"0x{(byte)type:x2}",
    };

    /// <summary>The type that an alias names, or null.</summary>
    public static BsonType? FromAlias(string alias)
    {
        foreach (var type in Enum.GetValues<BsonType>())
            if (type != BsonType.EndOfDocument && type.Alias() == alias)
                return type;
        return null;
    }
}
