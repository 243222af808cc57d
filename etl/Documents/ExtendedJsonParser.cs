using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Etl.Documents;

/// <summary>Extended JSON v2, canonical, relaxed or plain, into BSON. One text, one pass; what is wrong is an <see cref="ExtendedJsonException"/>.</summary>
ref partial struct ExtendedJsonParser
{
    /// <summary>A scope is an object in an object where BSON counts one document; a wrapper may have an object inside.</summary>
    static readonly JsonReaderOptions JsonOptions = new() { MaxDepth = 2 * Bson.MaxDepth + 8 };

    readonly ReadOnlySpan<byte> json;
    readonly ExtendedJsonOptions options;
    BsonWriter writer;
    Utf8JsonReader reader;
    char[] names = new char[64], texts = new char[64];
    int depth;

    public ExtendedJsonParser(ReadOnlySpan<byte> json, ExtendedJsonOptions options, BsonWriter writer)
    {
        this.json = json.StartsWith(Encoding.UTF8.Preamble) ? json[3..] : json;
        this.options = options;
        this.writer = writer;
        reader = new Utf8JsonReader(this.json, JsonOptions);
    }

    /// <summary>Writes the one document that the text holds.</summary>
    public void Document()
    {
        Read();
        if (reader.TokenType != JsonTokenType.StartObject || BeginsWrapper())
            throw Wrong("a document is a JSON object, and no value of another type");
        Deeper();
        writer.BeginDocument();
        Members();
        writer.End();
        if (Advance())
            throw Wrong("something after the document");
    }

    /// <summary>Fields up to the object's end.</summary>
    void Members()
    {
        while (true)
        {
            Read();
            if (reader.TokenType == JsonTokenType.EndObject)
                break;
            var name = Characters(ref names);
            if (name.Contains('\0'))
                throw Wrong("a key with a NUL, which BSON cannot hold");
            Read();
            Value(name);
        }
        depth--;
    }

    /// <param name="name">Valid until the next name is read; ignored inside an array.</param>
    void Value(scoped ReadOnlySpan<char> name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                Text(BsonType.String, name);
                break;
            case JsonTokenType.Number:
                Number(name);
                break;
            case JsonTokenType.True:
            case JsonTokenType.False:
                writer.Write(name, reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.Null:
                writer.WriteNull(name);
                break;
            case JsonTokenType.StartArray:
                Deeper();
                writer.BeginArray(name);
                for (Read(); reader.TokenType != JsonTokenType.EndArray; Read())
                    Value(default);
                writer.End();
                depth--;
                break;
            case JsonTokenType.StartObject when BeginsWrapper():
                Wrapper(name);
                break;
            default:
                Deeper();
                writer.BeginDocument(name);
                Members();
                writer.End();
                break;
        }
    }

    /// <summary>A bare number: int32, else int64 where it is whole and fits; −0 keeps its sign, which integers have not.</summary>
    void Number(scoped ReadOnlySpan<char> name)
    {
        bool whole = !reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E') && !reader.ValueSpan.SequenceEqual("-0"u8);
        if (whole && reader.TryGetInt32(out int small))
            writer.Write(name, small);
        else if (whole && reader.TryGetInt64(out long large))
            writer.Write(name, large);
        else if (options.FractionsAreDoubles)
            writer.Write(name, reader.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong("a number too large for a double"));
        else
            writer.Write(name, Decimal(Encoding.ASCII.GetString(reader.ValueSpan)));
    }

    readonly Decimal128 Decimal(string text)
    {
        try
        {
            return Decimal128.Parse(text);
        }
        catch (FormatException)
        {
            throw Wrong("text that is not a decimal number");
        }
        catch (OverflowException)
        {
            throw Wrong($"a number that does not fit a Decimal128 exactly ({Decimal128.MaxDigits} digits)");
        }
    }

    /// <summary>Straight into the document, without a string in between.</summary>
    void Text(BsonType type, scoped ReadOnlySpan<char> name)
    {
        var space = writer.BeginText(type, name, reader.ValueSpan.Length);
        try
        {
            writer.EndText(reader.CopyString(space));
        }
        catch (InvalidOperationException) // what Utf8JsonReader says of text that has no Unicode
        {
            throw NoUnicode();
        }
    }

    readonly ExtendedJsonException NoUnicode() => Wrong("text that is not UTF-8, or half a surrogate pair");

    /// <summary>Whether the name at hand is this one.</summary>
    bool Named(string name) => reader.ValueIsEscaped ? Characters(ref texts).SequenceEqual(name) : reader.ValueTextEquals(name);

    /// <summary>The name or text at hand without its escapes.</summary>
    readonly ReadOnlySpan<char> Characters(scoped ref char[] buffer)
    {
        if (buffer.Length < reader.ValueSpan.Length)
            buffer = new char[reader.ValueSpan.Length * 2];
        try
        {
            return buffer.AsSpan(0, reader.CopyString(buffer));
        }
        catch (InvalidOperationException)
        {
            throw NoUnicode();
        }
    }

    void Deeper()
    {
        if (++depth > Bson.MaxDepth)
            throw Wrong($"nested deeper than {Bson.MaxDepth}");
    }

    void Read()
    {
        if (!Advance())
            throw Wrong("it ends too early");
    }

    bool Advance()
    {
        try
        {
            return reader.Read();
        }
        catch (JsonException e)
        {
            throw JsonPlace.Error(e, json, JsonOptions);
        }
    }

    readonly ExtendedJsonException Wrong(string problem) => JsonPlace.Error(problem, json, reader.TokenStartIndex, JsonOptions);

    /// <summary>Whole number texts, as the wrappers have them.</summary>
    readonly long Integer(ReadOnlySpan<char> text, long least, long most) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value : throw Wrong($"no whole number from {least} to {most}");
}
