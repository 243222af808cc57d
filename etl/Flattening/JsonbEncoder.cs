using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Etl.Documents;

namespace Etl.Flattening;

/// <summary>A value as jsonb, behind jsonb's version byte: canonical Extended JSON, or plain JSON as far as that has the type.</summary>
internal static class JsonbEncoder
{
    const byte Version = 1;

    /// <param name="isPlain">Numbers are numbers, whichever type they had.</param>
    public static Fit Write(BsonType type, ReadOnlySpan<byte> value, FieldBuffer output, bool isPlain = false)
    {
        var fit = Check(type, value, 0);
        if (fit != Fit.Fits)
            return fit;
        var json = new ArrayBufferWriter<byte>(value.Length * 2 + 64);
        if (isPlain)
            WritePlain(type, value, json);
        else
            ExtendedJson.WriteValue(type, value, json);
        output.Byte(Version);
        output.Write(json.WrittenSpan);
        return Fit.Fits;
    }

    /// <summary>jsonb keeps one of two equal keys and no NUL: such values are refused, not altered.</summary>
    static Fit Check(BsonType type, ReadOnlySpan<byte> value, int depth)
    {
        if (depth > Bson.MaxDepth)
            return Fit.OutOfRange;
        switch (type)
        {
            case BsonType.String or BsonType.Symbol or BsonType.JavaScript:
                return Text(value[4..^1]);
            case BsonType.JavaScriptWithScope:
                var code = BsonReader.OnValue(type, value).CodeWithScope(out var scope);
                var fits = Text(code);
                return fits == Fit.Fits ? Check(BsonType.Document, scope, depth + 1) : fits;
            case BsonType.DbPointer:
                return Text(BsonReader.OnValue(type, value).DbPointer(out _));
            case BsonType.RegularExpression: // its two NULs end pattern and options
                return BsonReader.Utf8Valid(value) ? Fit.Fits : Fit.NotUtf8;
            case BsonType.Document or BsonType.Array:
                var names = new HashSet<string>(StringComparer.Ordinal);
                for (var reader = new BsonReader(value); reader.Read();)
                {
                    if (!BsonReader.Utf8Valid(reader.NameUtf8))
                        return Fit.NotUtf8;
                    if (type == BsonType.Document && !names.Add(reader.Name))
                        return Fit.DuplicateKey;
                    var fit = Check(reader.Type, reader.Value, depth + 1);
                    if (fit != Fit.Fits)
                        return fit;
                }
                return Fit.Fits;
            default:
                return Fit.Fits;
        }
    }

    static void WritePlain(BsonType type, ReadOnlySpan<byte> value, ArrayBufferWriter<byte> json)
    {
        switch (type)
        {
            case BsonType.Document or BsonType.Array:
                bool isArray = type == BsonType.Array, first = true;
                json.Write(isArray ? "["u8 : "{"u8);
                for (var reader = new BsonReader(value); reader.Read(); first = false)
                {
                    if (!first)
                        json.Write(","u8);
                    if (!isArray)
                    {
                        JsonText.Text(reader.NameUtf8, json);
                        json.Write(":"u8);
                    }
                    WritePlain(reader.Type, reader.Value, json);
                }
                json.Write(isArray ? "]"u8 : "}"u8);
                break;
            case BsonType.Decimal128 when BsonReader.OnValue(type, value).Decimal128.ToString() is var number && IsNumber(number):
                JsonText.Ascii(number, json);
                break;
            default:
                ExtendedJson.WriteValue(type, value, json, relaxed: type is BsonType.Int32 or BsonType.Int64 or BsonType.Double);
                break;
        }
    }

    /// <summary>Not NaN, not infinite.</summary>
    static bool IsNumber(string text) => char.IsAsciiDigit(text[^1]);

    static Fit Text(ReadOnlySpan<byte> text) => text.Contains((byte)0) ? Fit.ContainsNul : BsonReader.Utf8Valid(text) ? Fit.Fits : Fit.NotUtf8;

    /// <summary>Deeper than what we write.</summary>
    const int ReadDepth = 1_000;

    /// <summary>A jsonb text with sorted keys and no white space, so that what PostgreSQL gives back hashes as what it was given.</summary>
    /// <returns>What is too deep to be ours, as it is: it equals nothing of ours.</returns>
    public static byte[] Canonical(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ReadDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            var output = new ArrayBufferWriter<byte>(json.Length);
            using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { MaxDepth = ReadDepth }))
                WriteSorted(document.RootElement, writer);
            return output.WrittenSpan.ToArray();
        }
        catch (JsonException)
        {
            return json.ToArray();
        }
    }

    static void WriteSorted(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    WriteSorted(property.Value, writer);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    WriteSorted(item, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Number(element.GetRawText()), skipInputValidation: true);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    /// <summary>The same for 100, 1E+2 and 100.0: PostgreSQL gives numbers back without exponents.</summary>
    static string Number(string text)
    {
        int exponentAt = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = text.AsSpan(0, exponentAt < 0 ? text.Length : exponentAt).TrimStart('-');
        int point = mantissa.IndexOf('.');
        string digits = string.Concat(point < 0 ? mantissa : mantissa[..point], point < 0 ? "" : mantissa[(point + 1)..]).TrimStart('0');
        string kept = digits.TrimEnd('0');
        if (kept.Length == 0)
            return "0";
        // What has no digits of an int behind its E is a number that neither BSON nor PostgreSQL has.
        if (!int.TryParse(exponentAt < 0 ? "0" : text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int exponent))
            return text;
        return string.Create(CultureInfo.InvariantCulture, $"{(text[0] == '-' ? "-" : "")}{kept}E{(long)exponent + digits.Length - kept.Length - (point < 0 ? 0 : mantissa.Length - point - 1)}");
    }
}
