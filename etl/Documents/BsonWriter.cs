using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Etl.Documents;

/// <summary>Writes one BSON document at a time into a buffer that grows and is used again.</summary>
/// <example><code>
/// var writer = new BsonWriter();
/// writer.BeginDocument().Write("_id", 1).BeginArray("tags").Write("a").End().End();
/// ReadOnlySpan&lt;byte&gt; document = writer.Written;
/// </code></example>
public sealed class BsonWriter(int capacity = 512)
{
    byte[] buffer = new byte[capacity];
    int length, textStart;
    int named = -1; // where the type of an element stands whose name was written ahead of it
    readonly Stack<(int Start, int Index)> open = new();
    int index = -1; // next ordinal inside an array, −1 inside a document

    /// <summary>What was written since the last <see cref="Reset"/>.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>The same bytes, for asynchronous writing; valid until something more is written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => buffer.AsMemory(0, length);

    /// <summary>Documents and arrays that are begun and not ended.</summary>
    public int Depth => open.Count;

    public byte[] ToArray() => open.Count == 0
        ? Written.ToArray()
        : throw new InvalidOperationException($"{open.Count} documents are still open.");

    public void Reset()
    {
        length = 0;
        index = named = -1;
        open.Clear();
    }

    /// <summary>Begins the outermost document, or a document as the next element of an array.</summary>
    public BsonWriter BeginDocument()
    {
        if (open.Count > 0)
            Element(BsonType.Document, default);
        return Begin(-1);
    }

    public BsonWriter BeginDocument(ReadOnlySpan<char> name)
    {
        Element(BsonType.Document, name);
        return Begin(-1);
    }

    public BsonWriter BeginArray(ReadOnlySpan<char> name = default)
    {
        Element(BsonType.Array, name);
        return Begin(0);
    }

    BsonWriter Begin(int first)
    {
        open.Push((length, index));
        index = first;
        Int32(0);
        return this;
    }

    /// <summary>Ends the innermost document or array.</summary>
    public BsonWriter End()
    {
        Byte(0);
        var (start, outer) = open.Pop();
        index = outer;
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(start), length - start);
        return this;
    }

    public BsonWriter Write(ReadOnlySpan<char> name, string value) => WriteText(BsonType.String, name, value);
    public BsonWriter Write(string element) => WriteText(BsonType.String, default, element);

    public BsonWriter WriteText(BsonType type, ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        Element(type, name);
        int bytes = Encoding.UTF8.GetByteCount(value);
        Int32(bytes + 1);
        Encoding.UTF8.GetBytes(value, Take(bytes));
        Byte(0);
        return this;
    }

    /// <summary>Begins the name of the next element, as UTF-8 that the caller puts into the span; <see cref="EndName"/> says how many bytes there were.
    /// Its value is then written under whatever name.</summary>
    internal Span<byte> BeginName(int mostBytes)
    {
        named = length;
        Byte(0); // the type, known when the value comes
        return Take(mostBytes);
    }

    internal void EndName(int bytes)
    {
        length = named + 1 + bytes;
        Byte(0);
    }

    /// <summary>Begins a text whose bytes the caller puts into the span; <see cref="EndText"/> says how many there were.</summary>
    internal Span<byte> BeginText(BsonType type, ReadOnlySpan<char> name, int mostBytes)
    {
        Element(type, name);
        Take(sizeof(int));
        textStart = length;
        return Take(mostBytes);
    }

    internal void EndText(int bytes)
    {
        length = textStart + bytes;
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(textStart - sizeof(int)), bytes + 1);
        Byte(0);
    }

    /// <summary>Writes text as bytes, unchecked: only tests and the corruptor want text that is not UTF-8.</summary>
    public BsonWriter WriteUtf8(ReadOnlySpan<char> name, ReadOnlySpan<byte> value)
    {
        Element(BsonType.String, name);
        Int32(value.Length + 1);
        value.CopyTo(Take(value.Length));
        Byte(0);
        return this;
    }

    public BsonWriter Write(ReadOnlySpan<char> name, int value)
    {
        Element(BsonType.Int32, name);
        Int32(value);
        return this;
    }

    public BsonWriter Write(ReadOnlySpan<char> name, long value)
    {
        Element(BsonType.Int64, name);
        BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
        return this;
    }

    public BsonWriter Write(ReadOnlySpan<char> name, double value)
    {
        Element(BsonType.Double, name);
        BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);
        return this;
    }

    public BsonWriter Write(ReadOnlySpan<char> name, bool value)
    {
        Element(BsonType.Boolean, name);
        Byte(value ? (byte)1 : (byte)0);
        return this;
    }

    public BsonWriter Write(ReadOnlySpan<char> name, Decimal128 value)
    {
        Element(BsonType.Decimal128, name);
        value.CopyTo(Take(16));
        return this;
    }

    /// <summary>Writes undefined, MinKey or MaxKey: values that are their type alone.</summary>
    public BsonWriter WriteBare(BsonType type, ReadOnlySpan<char> name)
    {
        Element(type, name);
        return this;
    }

    /// <summary>Writes JavaScript with its scope.</summary>
    /// <param name="scope">A whole document; not checked.</param>
    public BsonWriter WriteCodeWithScope(ReadOnlySpan<char> name, ReadOnlySpan<char> code, ReadOnlySpan<byte> scope)
    {
        Element(BsonType.JavaScriptWithScope, name);
        int bytes = Encoding.UTF8.GetByteCount(code);
        Int32(4 + 4 + bytes + 1 + scope.Length);
        Int32(bytes + 1);
        Encoding.UTF8.GetBytes(code, Take(bytes));
        Byte(0);
        scope.CopyTo(Take(scope.Length));
        return this;
    }

    /// <param name="id">Twelve bytes.</param>
    public BsonWriter WriteDbPointer(ReadOnlySpan<char> name, ReadOnlySpan<char> collection, ReadOnlySpan<byte> id)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(id.Length, 12);
        WriteText(BsonType.DbPointer, name, collection);
        id.CopyTo(Take(12));
        return this;
    }

    public BsonWriter WriteNull(ReadOnlySpan<char> name)
    {
        Element(BsonType.Null, name);
        return this;
    }

    /// <param name="milliseconds">Since 1970-01-01T00:00:00Z.</param>
    public BsonWriter WriteDateTime(ReadOnlySpan<char> name, long milliseconds)
    {
        Element(BsonType.DateTime, name);
        BinaryPrimitives.WriteInt64LittleEndian(Take(8), milliseconds);
        return this;
    }

    public BsonWriter WriteDateTime(ReadOnlySpan<char> name, DateTimeOffset value) =>
        WriteDateTime(name, value.ToUnixTimeMilliseconds());

    /// <param name="value">Twelve bytes.</param>
    public BsonWriter WriteObjectId(ReadOnlySpan<char> name, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, 12);
        Element(BsonType.ObjectId, name);
        value.CopyTo(Take(12));
        return this;
    }

    /// <param name="value">Seconds in the upper, an ordinal in the lower 32 bits.</param>
    public BsonWriter WriteTimestamp(ReadOnlySpan<char> name, ulong value)
    {
        Element(BsonType.Timestamp, name);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
        return this;
    }

    public BsonWriter WriteBinary(ReadOnlySpan<char> name, ReadOnlySpan<byte> value, byte subtype = 0)
    {
        Element(BsonType.Binary, name);
        Int32(subtype == 2 ? value.Length + 4 : value.Length);
        Byte(subtype);
        if (subtype == 2)
            Int32(value.Length);
        value.CopyTo(Take(value.Length));
        return this;
    }

    public BsonWriter WriteRegex(ReadOnlySpan<char> name, string pattern, string options)
    {
        Element(BsonType.RegularExpression, name);
        CString(pattern);
        CString(options);
        return this;
    }

    /// <summary>Embeds a document that is already BSON.</summary>
    public BsonWriter WriteDocument(ReadOnlySpan<char> name, ReadOnlySpan<byte> document) =>
        WriteRaw(BsonType.Document, name, document);

    /// <summary>Copies a value as it lies in another document. The value is not checked.</summary>
    public BsonWriter WriteRaw(BsonType type, ReadOnlySpan<char> name, ReadOnlySpan<byte> value)
    {
        Element(type, name);
        value.CopyTo(Take(value.Length));
        return this;
    }

    /// <summary>Copies the element a reader stands on, under its own name (or the next ordinal inside an array).</summary>
    public BsonWriter WriteElement(in BsonReader element)
    {
        Byte((byte)element.Type);
        if (index >= 0)
            Ordinal();
        else
        {
            element.NameUtf8.CopyTo(Take(element.NameUtf8.Length));
            Byte(0);
        }
        element.Value.CopyTo(Take(element.Value.Length));
        return this;
    }

    void Element(BsonType type, ReadOnlySpan<char> name)
    {
        if (named >= 0)
        {
            buffer[named] = (byte)type;
            named = -1;
            return;
        }
        Byte((byte)type);
        if (index >= 0)
            Ordinal();
        else
            CString(name);
    }

    void Ordinal()
    {
        Span<char> digits = stackalloc char[11];
        index++.TryFormat(digits, out int count, default, CultureInfo.InvariantCulture);
        CString(digits[..count]);
    }

    void CString(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException($"A BSON name or pattern cannot contain NUL: '{text.ToString().Replace("\0", "\\0")}'.");
        Encoding.UTF8.GetBytes(text, Take(Encoding.UTF8.GetByteCount(text)));
        Byte(0);
    }

    void Byte(byte value) => Take(1)[0] = value;

    void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    Span<byte> Take(int count)
    {
        if (buffer.Length - length < count)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + count));
        var span = buffer.AsSpan(length, count);
        length += count;
        return span;
    }
}
