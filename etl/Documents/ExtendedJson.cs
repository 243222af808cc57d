using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using static Etl.Documents.JsonText;

namespace Etl.Documents;

/// <summary>
/// BSON to and from MongoDB Extended JSON v2, canonical (every type kept) or relaxed (numbers and dates easy to read).
/// Written without white space, keys in document order, UTF-8; only what JSON demands is escaped.
/// </summary>
/// <remarks>
/// Writing is for showing and for <c>jsonb</c>: text that is not UTF-8 shows as U+FFFD instead of failing.
/// What was written in canonical form reads back byte for byte, but for that, NaN's payload, decimals that are not canonical,
/// array elements that are not named by their place, and documents whose first key is a wrapper's name.
/// Rules: specifications/extended-json of MongoDB; Decimal128 as in specifications/bson-decimal128.
/// </remarks>
public static class ExtendedJson
{
    /// <summary>Milliseconds of 9999-12-31T23:59:59.999Z; relaxed dates beyond it, or before 1970, stay numbers.</summary>
    const long LastIsoDate = 253_402_300_799_999;

    /// <summary>Writes one document.</summary>
    /// <exception cref="BsonException">Not a document, or nested deeper than <see cref="Bson.MaxDepth"/>.</exception>
    public static void Write(ReadOnlySpan<byte> document, IBufferWriter<byte> output, bool relaxed = false) =>
        Members(new BsonReader(document), isArray: false, output, relaxed, Bson.MaxDepth);

    /// <summary>Writes one value.</summary>
    /// <param name="value">The bytes as <see cref="BsonReader.Value"/> gives them.</param>
    /// <exception cref="BsonException">Not a value of that type, or nested deeper than <see cref="Bson.MaxDepth"/>.</exception>
    public static void WriteValue(BsonType type, ReadOnlySpan<byte> value, IBufferWriter<byte> output, bool relaxed = false) =>
        Value(BsonReader.OnValue(type, value), output, relaxed, Bson.MaxDepth);

    /// <inheritdoc cref="Write"/>
    public static string ToString(ReadOnlySpan<byte> document, bool relaxed = true)
    {
        var output = new ArrayBufferWriter<byte>(document.Length * 2 + 16);
        Write(document, output, relaxed);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <inheritdoc cref="WriteValue"/>
    public static string ValueToString(BsonType type, ReadOnlySpan<byte> value, bool relaxed = true)
    {
        var output = new ArrayBufferWriter<byte>(value.Length * 2 + 16);
        WriteValue(type, value, output, relaxed);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Reads one document: canonical or relaxed Extended JSON v2, or plain JSON. Keys keep their order, and stay twice where they stand twice.</summary>
    /// <param name="json">UTF-8; a byte order mark is skipped. Comments and trailing commas are errors.</param>
    /// <exception cref="ExtendedJsonException">What is wrong, on which line, at which byte, on which path.</exception>
    public static byte[] Parse(ReadOnlySpan<byte> json, ExtendedJsonOptions? options = null)
    {
        var writer = new BsonWriter(json.Length + 16);
        Parse(json, writer, options);
        return writer.ToArray();
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, ExtendedJsonOptions?)"/>
    public static byte[] Parse(string json, ExtendedJsonOptions? options = null) => Parse(Encoding.UTF8.GetBytes(json), options);

    /// <summary>Reads one document into a writer that is used again: it is reset first.</summary>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, ExtendedJsonOptions?)"/>
    public static void Parse(ReadOnlySpan<byte> json, BsonWriter writer, ExtendedJsonOptions? options = null)
    {
        writer.Reset();
        new ExtendedJsonParser(json, options ?? ExtendedJsonOptions.Exact, writer).Document();
    }

    static void Members(BsonReader reader, bool isArray, IBufferWriter<byte> output, bool relaxed, int depthLeft)
    {
        if (depthLeft == 0)
            throw new BsonException($"nested deeper than {Bson.MaxDepth}", reader.Origin);
        output.Write(isArray ? "["u8 : "{"u8);
        for (bool first = true; reader.Read(); first = false)
        {
            if (!first)
                output.Write(","u8);
            if (!isArray)
            {
                Text(reader.NameUtf8, output);
                output.Write(":"u8);
            }
            Value(reader, output, relaxed, depthLeft - 1);
        }
        output.Write(isArray ? "]"u8 : "}"u8);
    }

    static void Value(in BsonReader reader, IBufferWriter<byte> output, bool relaxed, int depthLeft)
    {
        switch (reader.Type)
        {
            case BsonType.Document:
                Members(reader.Nested(), isArray: false, output, relaxed, depthLeft);
                break;
            case BsonType.Array:
                Members(reader.Nested(), isArray: true, output, relaxed, depthLeft);
                break;
            case BsonType.String:
                Text(reader.Utf8, output);
                break;
            case BsonType.Symbol:
                Wrapped("{\"$symbol\":"u8, reader.Utf8, output);
                break;
            case BsonType.JavaScript:
                Wrapped("{\"$code\":"u8, reader.Utf8, output);
                break;
            case BsonType.JavaScriptWithScope:
                output.Write("{\"$code\":"u8);
                Text(reader.CodeWithScope(out var scope), output);
                output.Write(",\"$scope\":"u8);
                Members(new BsonReader(scope, reader.Origin + reader.ValueOffset), isArray: false, output, relaxed, depthLeft);
                output.Write("}"u8);
                break;
            case BsonType.Int32:
                Integer(reader.Int32, "{\"$numberInt\":\""u8, output, relaxed);
                break;
            case BsonType.Int64:
                Integer(reader.Int64, "{\"$numberLong\":\""u8, output, relaxed);
                break;
            case BsonType.Double:
                Double(reader.Double, output, relaxed);
                break;
            case BsonType.Decimal128:
                output.Write("{\"$numberDecimal\":\""u8);
                Ascii(reader.Decimal128.ToString(), output);
                output.Write("\"}"u8);
                break;
            case BsonType.DateTime:
                Date(reader.DateTime, output, relaxed);
                break;
            case BsonType.Boolean:
                output.Write(reader.Boolean ? "true"u8 : "false"u8);
                break;
            case BsonType.Null:
                output.Write("null"u8);
                break;
            case BsonType.Undefined:
                output.Write("{\"$undefined\":true}"u8);
                break;
            case BsonType.MinKey:
                output.Write("{\"$minKey\":1}"u8);
                break;
            case BsonType.MaxKey:
                output.Write("{\"$maxKey\":1}"u8);
                break;
            case BsonType.ObjectId:
                ObjectId(reader.ObjectId, output);
                break;
            case BsonType.Binary:
                Binary(reader.BinaryBytes, reader.BinarySubtype, output);
                break;
            case BsonType.RegularExpression:
                int split = reader.Value.IndexOf((byte)0);
                Wrapped("{\"$regularExpression\":{\"pattern\":"u8, reader.Value[..split], output, ""u8);
                Wrapped(",\"options\":"u8, reader.Value[(split + 1)..^1], output, "}}"u8);
                break;
            case BsonType.DbPointer:
                Wrapped("{\"$dbPointer\":{\"$ref\":"u8, reader.DbPointer(out var id), output, ",\"$id\":"u8);
                ObjectId(id, output);
                output.Write("}}"u8);
                break;
            case BsonType.Timestamp:
                Timestamp(reader.Timestamp, output);
                break;
            default:
                throw new InvalidOperationException($"No form for BSON type {reader.Type.Alias()}.");
        }
    }

    static void Wrapped(ReadOnlySpan<byte> before, ReadOnlySpan<byte> text, IBufferWriter<byte> output) =>
        Wrapped(before, text, output, "}"u8);

    static void Wrapped(ReadOnlySpan<byte> before, ReadOnlySpan<byte> text, IBufferWriter<byte> output, ReadOnlySpan<byte> after)
    {
        output.Write(before);
        Text(text, output);
        output.Write(after);
    }

    static void Integer(long value, ReadOnlySpan<byte> before, IBufferWriter<byte> output, bool relaxed)
    {
        if (!relaxed)
            output.Write(before);
        Digits(value, output);
        if (!relaxed)
            output.Write("\"}"u8);
    }

    static void Double(double value, IBufferWriter<byte> output, bool relaxed)
    {
        bool bare = relaxed && double.IsFinite(value);
        if (!bare)
            output.Write("{\"$numberDouble\":\""u8);
        Ascii(Shortest(value), output);
        if (!bare)
            output.Write("\"}"u8);
    }

    /// <summary>The shortest text that reads back as the same double; always recognisable as one: 1.0, 1.0E+17, -0.0.</summary>
    static string Shortest(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        if (!double.IsFinite(value) || text.Contains('.'))
            return text;
        int exponent = text.IndexOf('E');
        return exponent < 0 ? text + ".0" : text.Insert(exponent, ".0");
    }

    static void Date(long milliseconds, IBufferWriter<byte> output, bool relaxed)
    {
        if (!relaxed || milliseconds is < 0 or > LastIsoDate)
        {
            output.Write("{\"$date\":{\"$numberLong\":\""u8);
            Digits(milliseconds, output);
            output.Write("\"}}"u8);
            return;
        }
        string format = milliseconds % 1000 == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.fffZ";
        output.Write("{\"$date\":\""u8);
        Ascii(DateTime.UnixEpoch.AddMilliseconds(milliseconds).ToString(format, CultureInfo.InvariantCulture), output);
        output.Write("\"}"u8);
    }

    static void Timestamp(ulong value, IBufferWriter<byte> output)
    {
        output.Write("{\"$timestamp\":{\"t\":"u8);
        Digits((long)(value >> 32), output);
        output.Write(",\"i\":"u8);
        Digits((uint)value, output);
        output.Write("}}"u8);
    }

    static void ObjectId(ReadOnlySpan<byte> id, IBufferWriter<byte> output)
    {
        output.Write("{\"$oid\":\""u8);
        Ascii(Convert.ToHexStringLower(id), output);
        output.Write("\"}"u8);
    }

    static void Binary(ReadOnlySpan<byte> bytes, byte subtype, IBufferWriter<byte> output)
    {
        output.Write("{\"$binary\":{\"base64\":\""u8);
        Base64.EncodeToUtf8(bytes, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out int written);
        output.Advance(written);
        Ascii($"\",\"subType\":\"{subtype:x2}\"}}}}", output);
    }
}
