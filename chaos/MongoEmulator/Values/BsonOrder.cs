using System.Buffers.Binary;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>
/// The order that MongoDB documents for values of any two types
/// (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/): first by class of type, then within the class.
/// </summary>
static class BsonOrder
{
    const int NumberClass = 10, TextClass = 15;

    /// <summary>Place of a type's class; types of one class compare by value.</summary>
    public static int Class(this BsonType type) => type switch
    {
        BsonType.MinKey => -1,
        BsonType.EndOfDocument or BsonType.Undefined => 0,
        BsonType.Null => 5,
        BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128 => NumberClass,
        BsonType.String or BsonType.Symbol => TextClass,
        BsonType.Document => 20,
        BsonType.Array => 25,
        BsonType.Binary => 30,
        BsonType.ObjectId => 35,
        BsonType.Boolean => 40,
        BsonType.DateTime => 45,
        BsonType.Timestamp => 47,
        BsonType.RegularExpression => 50,
        BsonType.DbPointer => 55,
        BsonType.JavaScript => 60,
        BsonType.JavaScriptWithScope => 65,
        _ => 127,
    };

    public static bool IsNumber(this BsonType type) => type.Class() == NumberClass;

    public static int Compare(in BsonValue a, in BsonValue b) => Compare(a.Type, a.Span, b.Type, b.Span);

    /// <returns>Negative, 0 or positive.</returns>
    public static int Compare(BsonType aType, ReadOnlySpan<byte> a, BsonType bType, ReadOnlySpan<byte> b)
    {
        int order = aType.Class();
        int other = bType.Class();
        if (order != other)
            return order < other ? -1 : 1;
        switch (aType)
        {
            case BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128:
                return NumberOrder.Compare(aType, a, bType, b);
            case BsonType.String or BsonType.Symbol or BsonType.JavaScript:
                return a[4..^1].SequenceCompareTo(b[4..^1]);
            case BsonType.Document or BsonType.Array:
                return CompareElements(a, b, names: aType == BsonType.Document);
            case BsonType.Binary:
                return CompareBinary(a, b);
            case BsonType.ObjectId or BsonType.Boolean:
                return a.SequenceCompareTo(b);
            case BsonType.DateTime:
                return BinaryPrimitives.ReadInt64LittleEndian(a).CompareTo(BinaryPrimitives.ReadInt64LittleEndian(b));
            case BsonType.Timestamp:
                return BinaryPrimitives.ReadUInt64LittleEndian(a).CompareTo(BinaryPrimitives.ReadUInt64LittleEndian(b));
            case BsonType.RegularExpression:
                return CompareRegex(a, b);
            case BsonType.DbPointer:
                return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a[4..].SequenceCompareTo(b[4..]);
            case BsonType.JavaScriptWithScope:
                return CompareCodeWithScope(a, b);
            default:
                return 0;
        }
    }

    /// <summary>Element by element: class of type, then name (in documents), then value; the shorter first.</summary>
    static int CompareElements(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, bool names)
    {
        var left = new BsonReader(a);
        var right = new BsonReader(b);
        while (true)
        {
            bool more = left.Read();
            if (!right.Read())
                return more ? 1 : 0;
            if (!more)
                return -1;
            int order = left.Type.Class().CompareTo(right.Type.Class());
            if (order == 0 && names)
                order = left.NameUtf8.SequenceCompareTo(right.NameUtf8);
            if (order == 0)
                order = Compare(left.Type, left.Value, right.Type, right.Value);
            if (order != 0)
                return order;
        }
    }

    /// <summary>Length, then subtype, then bytes.</summary>
    static int CompareBinary(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.Length != b.Length ? a.Length.CompareTo(b.Length)
        : a[4] != b[4] ? a[4].CompareTo(b[4])
        : a[5..].SequenceCompareTo(b[5..]);

    static int CompareRegex(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int i = a.IndexOf((byte)0), j = b.IndexOf((byte)0);
        int order = a[..i].SequenceCompareTo(b[..j]);
        return order != 0 ? order : a[i..].SequenceCompareTo(b[j..]);
    }

    static int CompareCodeWithScope(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int i = BinaryPrimitives.ReadInt32LittleEndian(a[4..]), j = BinaryPrimitives.ReadInt32LittleEndian(b[4..]);
        int order = a.Slice(8, i - 1).SequenceCompareTo(b.Slice(8, j - 1));
        return order != 0 ? order : CompareElements(a[(8 + i)..], b[(8 + j)..], names: true);
    }
}
