using System.Globalization;
using System.Text;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>Values as mongod shows them in messages: <c>{ _id: ObjectId('…') }</c>.</summary>
static class ShellText
{
    public static string Of(in BsonValue value) => Of(value.Type, value.Span);

    public static string Of(BsonType type, ReadOnlySpan<byte> value) => type switch
    {
        BsonType.String or BsonType.Symbol => $"\"{Encoding.UTF8.GetString(value[4..^1])}\"",
        BsonType.ObjectId => $"ObjectId('{Convert.ToHexStringLower(value)}')",
        BsonType.Int32 or BsonType.Int64 => BsonValue.Of(type, value).WholeNumber!.Value.ToString(CultureInfo.InvariantCulture),
        BsonType.Double => Arithmetic.ToDouble(type, value) is var d && d == Math.Floor(d) && Math.Abs(d) < 1e15
            ? d.ToString("F1", CultureInfo.InvariantCulture)
            : d.ToString("R", CultureInfo.InvariantCulture),
        BsonType.Decimal128 => new Decimal128(value).ToString(),
        BsonType.Boolean => value[0] == 0 ? "false" : "true",
        BsonType.Null => "null",
        BsonType.Undefined => "undefined",
        BsonType.MinKey => "MinKey",
        BsonType.MaxKey => "MaxKey",
        BsonType.DateTime => $"new Date({BitConverter.ToInt64(value)})",
        BsonType.Timestamp => $"Timestamp({BitConverter.ToUInt32(value[4..])}, {BitConverter.ToUInt32(value)})",
        BsonType.Binary => $"BinData({value[4]}, {Convert.ToHexString(value[5..])})",
        BsonType.Document => Fields(value, '{', '}'),
        BsonType.Array => Fields(value, '[', ']'),
        _ => type.Alias(),
    };

    static string Fields(ReadOnlySpan<byte> document, char open, char close)
    {
        var text = new StringBuilder().Append(open);
        var reader = new BsonReader(document);
        while (reader.Read())
        {
            text.Append(text.Length == 1 ? " " : ", ");
            if (open == '{')
                text.Append(reader.Name).Append(": ");
            text.Append(Of(reader.Type, reader.Value));
        }
        return text.Append(text.Length == 1 ? "" : " ").Append(close).ToString();
    }
}
