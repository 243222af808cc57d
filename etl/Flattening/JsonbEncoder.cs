using System.Buffers;
using System.Text.Json;
using Etl.Documents;

namespace Etl.Flattening;

/// <summary>A value as jsonb: canonical Extended JSON behind jsonb's version byte.</summary>
internal static class JsonbEncoder
{
    const byte Version = 1;

    public static Fit Write(BsonType type, ReadOnlySpan<byte> value, FieldBuffer output)
    {
        var fit = Check(type, value, 0);
        if (fit != Fit.Fits)
            return fit;
        var json = new ArrayBufferWriter<byte>(value.Length * 2 + 64);
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
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
