using System.Buffers.Binary;
using System.Text;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>One BSON value that outlives its reader: a type, and bytes as they lie in a document.
/// <see cref="BsonType.EndOfDocument"/> stands for "no such field", as it does in mongod.</summary>
readonly struct BsonValue(BsonType type, ReadOnlyMemory<byte> bytes)
{
    public static readonly BsonValue Missing = default;
    public static readonly BsonValue Null = new(BsonType.Null, default);

    public BsonType Type => type;
    public ReadOnlyMemory<byte> Bytes => bytes;
    public ReadOnlySpan<byte> Span => bytes.Span;
    public bool IsMissing => type == BsonType.EndOfDocument;
    public bool IsNumber => type.IsNumber();

    /// <summary>The value a reader stands on, copied.</summary>
    public static BsonValue CopyOf(in BsonReader reader) => new(reader.Type, reader.Value.ToArray());

    public static BsonValue Of(BsonType type, ReadOnlySpan<byte> value) => new(type, value.ToArray());

    public static BsonValue Of(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return new(BsonType.Int32, bytes);
    }

    public static BsonValue Of(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return new(BsonType.Int64, bytes);
    }

    public static BsonValue Of(double value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return new(BsonType.Double, bytes);
    }

    public static BsonValue Of(Decimal128 value)
    {
        byte[] bytes = new byte[16];
        value.CopyTo(bytes);
        return new(BsonType.Decimal128, bytes);
    }

    public static BsonValue Of(string value)
    {
        byte[] bytes = new byte[5 + Encoding.UTF8.GetByteCount(value)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - 4);
        Encoding.UTF8.GetBytes(value, bytes.AsSpan(4));
        return new(BsonType.String, bytes);
    }

    public static BsonValue Of(byte[] document) => new(BsonType.Document, document);

    /// <summary>Text of a string value; call only when <see cref="Type"/> says it is one.</summary>
    public string Text => Encoding.UTF8.GetString(Span[4..^1]);

    /// <summary>mongod's truth: everything but false, zero, null, undefined and nothing.</summary>
    public bool IsTrue => type switch
    {
        BsonType.EndOfDocument or BsonType.Null or BsonType.Undefined => false,
        BsonType.Boolean => Span[0] != 0,
        _ when IsNumber => NumberOrder.Compare(type, Span, BsonType.Int32, [0, 0, 0, 0]) != 0,
        _ => true,
    };

    /// <summary>A whole number in the range of a long, whatever number type holds it; null otherwise.</summary>
    public long? WholeNumber
    {
        get
        {
            switch (type)
            {
                case BsonType.Int32:
                    return BinaryPrimitives.ReadInt32LittleEndian(Span);
                case BsonType.Int64:
                    return BinaryPrimitives.ReadInt64LittleEndian(Span);
                case BsonType.Double:
                    double d = BinaryPrimitives.ReadDoubleLittleEndian(Span);
                    return d == Math.Floor(d) && d is >= long.MinValue and < long.MaxValue ? (long)d : null;
                case BsonType.Decimal128:
                    var dec = new Decimal128(Span);
                    return dec.IsFinite && dec.Exponent == 0 && dec.Coefficient <= long.MaxValue
                        ? (long)dec.Coefficient * (dec.IsNegative ? -1 : 1)
                        : null;
                default:
                    return null;
            }
        }
    }
}
