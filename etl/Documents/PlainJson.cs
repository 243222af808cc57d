using System.Buffers.Text;
using System.Text.Json;

namespace Etl.Documents;

/// <summary>
/// JSON as APIs, files and queues speak it into BSON; the door for every source but MongoDB. One pass, nothing allocated for a document.
/// A key that begins with <c>$</c> is a key like any other (<see cref="ExtendedJson"/> reads it as a type).
/// </summary>
/// <remarks>
/// Whole numbers become int32, else int64, else Decimal128; fractions, exponents and −0 Decimal128, exactly or refused, never double.
/// Text stays as it is, also with a NUL inside. A key that stands twice stays twice: the reader of the document reports it.
/// </remarks>
public static class PlainJson
{
    /// <summary>One more than we allow, so that the refusal is ours and names the limit.</summary>
    static readonly JsonReaderOptions JsonOptions = new() { MaxDepth = Bson.MaxDepth + 1 };

    /// <summary>The name under which an object's own <c>_id</c> is kept, where the document's <c>_id</c> is its position.</summary>
    public static ReadOnlySpan<byte> OwnId => "_source_id"u8;

    /// <summary>Makes a document of one JSON object.</summary>
    /// <param name="json">UTF-8, without a byte order mark; white space around the object is allowed.</param>
    /// <param name="position">A document <c>{_id: …}</c> whose elements come first, where the object stands in its source; empty: none.</param>
    /// <param name="writer">Begun anew; holds the document afterwards.</param>
    /// <exception cref="ExtendedJsonException">Not one JSON object that BSON can hold: what is wrong, at which byte, on which path.</exception>
    public static void Write(ReadOnlySpan<byte> json, ReadOnlySpan<byte> position, BsonWriter writer)
    {
        var reader = new Utf8JsonReader(json, JsonOptions);
        try
        {
            Write(ref reader, position, writer);
        }
        catch (JsonException e)
        {
            throw JsonPlace.Error(e, json, JsonOptions);
        }
        catch (Exception e) when (Problem(e) is not null)
        {
            throw JsonPlace.Error(Problem(e)!, json, reader.TokenStartIndex, JsonOptions);
        }
    }

    static string? Problem(Exception e) => e switch
    {
        InvalidOperationException => "text that is not UTF-8, or half a surrogate pair", // what Utf8JsonReader says of text that has no Unicode
        OverflowException => $"a number that does not fit a Decimal128 exactly ({Decimal128.MaxDigits} digits)",
        FormatException => e.Message,
        _ => null,
    };

    static void Write(ref Utf8JsonReader reader, ReadOnlySpan<byte> position, BsonWriter writer)
    {
        writer.Reset();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException("a document is a JSON object, and no value of another type");
        writer.BeginDocument();
        if (position.Length > 0)
            for (var element = new BsonReader(position); element.Read();)
                writer.WriteElement(element);
        while (reader.Read())
        {
            Token(ref reader, position.Length > 0, writer);
            if (writer.Written.Length > Bson.MaxDocumentSize)
                throw new FormatException($"more than {Bson.MaxDocumentSize:N0} bytes as BSON");
        }
    }

    static void Token(ref Utf8JsonReader reader, bool hasPosition, BsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when hasPosition && reader.CurrentDepth == 1 && reader.ValueTextEquals("_id"u8):
                OwnId.CopyTo(writer.BeginName(OwnId.Length));
                writer.EndName(OwnId.Length);
                break;
            case JsonTokenType.PropertyName:
                var name = writer.BeginName(reader.ValueSpan.Length);
                int bytes = reader.CopyString(name);
                if (reader.ValueIsEscaped && name[..bytes].Contains((byte)0))
                    throw new FormatException("a key with a NUL, which BSON cannot hold");
                writer.EndName(bytes);
                break;
            case JsonTokenType.String:
                writer.EndText(reader.CopyString(writer.BeginText(BsonType.String, default, reader.ValueSpan.Length)));
                break;
            case JsonTokenType.Number:
                Number(reader.ValueSpan, writer);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.Write(default(ReadOnlySpan<char>), reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.Null:
                writer.WriteNull(default);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= Bson.MaxDepth:
                throw new FormatException($"nested deeper than {Bson.MaxDepth}");
            case JsonTokenType.StartObject:
                writer.BeginDocument(default);
                break;
            case JsonTokenType.StartArray:
                writer.BeginArray();
                break;
            default: // the end of either
                writer.End();
                break;
        }
    }

    /// <summary>−0 keeps its sign, which integers have not.</summary>
    static void Number(ReadOnlySpan<byte> digits, BsonWriter writer)
    {
        ReadOnlySpan<char> name = default;
        if (!Utf8Parser.TryParse(digits, out long whole, out int read) || read < digits.Length || digits.SequenceEqual("-0"u8))
            writer.Write(name, Decimal128.Parse(digits));
        else if (whole == (int)whole)
            writer.Write(name, (int)whole);
        else
            writer.Write(name, whole);
    }
}
