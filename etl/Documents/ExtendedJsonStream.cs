namespace Etl.Documents;

/// <summary>
/// Reads documents one by one from a stream of JSON: one array of objects, or objects one after the other (a line each, or not).
/// Holds one document at a time, whatever the stream's length.
/// </summary>
/// <param name="stream">UTF-8; left open.</param>
/// <param name="maxTextBytes">The longest text of one document. Default: four times what a document may have in BSON.</param>
/// <example><code>
/// var documents = new ExtendedJsonStream(body);
/// while (await documents.ReadAsync(cancellation))
///     batch.Add(documents.Document.Span);
/// </code></example>
public sealed class ExtendedJsonStream(Stream stream, ExtendedJsonOptions? options = null, int maxTextBytes = 4 * Bson.MaxDocumentSize)
{
    enum Kind { Unknown, Array, Sequence, Over }

    readonly BsonWriter writer = new();
    byte[] buffer = new byte[64 * 1024];
    int at, end;
    long offset, line = 1, lineStart; // of buffer[0], in the stream
    bool needsComma;
    Kind kind;

    /// <summary>The document at hand, as BSON; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Document => writer.WrittenMemory;

    /// <summary>Its text as it came; valid until the next call. Also where it could not be read.</summary>
    public ReadOnlyMemory<byte> Text { get; private set; }

    /// <summary>Bytes from the start of the stream to the text.</summary>
    public long Offset { get; private set; }

    /// <summary>Moves to the next document; false at the end.</summary>
    /// <exception cref="ExtendedJsonException">With the place in the stream. Where only the document is wrong, <see cref="Text"/> holds
    /// it and the next call goes on behind it; where the stream is no list of objects, the next call ends it.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation = default)
    {
        Text = default;
        if (kind == Kind.Over || !await SeekAsync(cancellation))
            return false;
        Forget();
        Offset = offset + at;
        int length = await ExtentAsync(cancellation);
        Text = buffer.AsMemory(at, length);
        at += length;
        needsComma = kind == Kind.Array;
        try
        {
            ExtendedJson.Parse(Text.Span, writer, options);
        }
        catch (ExtendedJsonException e)
        {
            long column = e.Line == 1 ? Offset - lineStart + e.Column : e.Column;
            throw new ExtendedJsonException(e.Problem, Offset + e.Offset, line + e.Line - 1, column, e.Path);
        }
        return true;
    }

    /// <summary>Skips white space, commas and the array's brackets up to the next object.</summary>
    async ValueTask<bool> SeekAsync(CancellationToken cancellation)
    {
        bool comma = false;
        for (; ; at++)
        {
            if (at == end && !await FillAsync(cancellation))
                return kind == Kind.Array ? throw Broken("the array has no end") : false;
            switch (buffer[at])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                case 0xEF or 0xBB or 0xBF when offset + at < 3: // a byte order mark
                    break;
                case (byte)'[' when kind == Kind.Unknown:
                    kind = Kind.Array;
                    break;
                case (byte)',' when kind == Kind.Array && needsComma:
                    (needsComma, comma) = (false, true);
                    break;
                case (byte)']' when kind == Kind.Array && !comma:
                    kind = Kind.Sequence; // nothing but white space may follow
                    needsComma = true;
                    break;
                case (byte)'{' when !needsComma:
                    kind = kind == Kind.Unknown ? Kind.Sequence : kind;
                    return true;
                default:
                    throw Broken(kind == Kind.Array ? "an element of the array that is not an object, or no comma before it" : "something that is not an object");
            }
        }
    }

    /// <summary>The length of the object that begins at hand: up to its closing brace, braces in texts aside.</summary>
    async ValueTask<int> ExtentAsync(CancellationToken cancellation)
    {
        int length = 0, depth = 0;
        bool inText = false, escaped = false;
        while (true)
        {
            for (; at + length < end; length++)
            {
                byte b = buffer[at + length];
                if (inText)
                    (inText, escaped) = (escaped || b != '"', !escaped && b == '\\');
                else if (b == '"')
                    inText = true;
                else if (b == '{')
                    depth++;
                else if (b == '}' && --depth == 0)
                    return length + 1;
            }
            if (length > maxTextBytes)
                throw Broken($"a document of more than {maxTextBytes} bytes");
            if (!await FillAsync(cancellation))
            {
                Text = buffer.AsMemory(at, length);
                throw Broken("a document without its end");
            }
        }
    }

    async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (at == end)
            Forget();
        if (end == buffer.Length)
            Array.Resize(ref buffer, buffer.Length * 2);
        int read = await stream.ReadAsync(buffer.AsMemory(end), cancellation);
        end += read;
        return read > 0;
    }

    /// <summary>Drops what was read, and counts its lines.</summary>
    void Forget()
    {
        var done = buffer.AsSpan(0, at);
        line += done.Count((byte)'\n');
        if (done.LastIndexOf((byte)'\n') is >= 0 and var newline)
            lineStart = offset + newline + 1;
        buffer.AsSpan(at, end - at).CopyTo(buffer);
        offset += at;
        end -= at;
        at = 0;
    }

    ExtendedJsonException Broken(string problem)
    {
        kind = Kind.Over;
        Forget();
        return new ExtendedJsonException(problem, offset, line, offset - lineStart + 1, "");
    }
}
