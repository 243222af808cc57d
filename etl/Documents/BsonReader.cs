using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Etl.Documents;

/// <summary>
/// Walks the elements of one BSON document or array over a span, without allocating.
/// Never reads outside its span; whatever is wrong is a <see cref="BsonException"/>.
/// </summary>
/// <remarks>
/// A nested document is read by another reader over <see cref="Document"/>.
/// Text is checked for UTF-8 only where it is asked for: <see cref="Utf8"/> gives the raw bytes, <see cref="String"/> checks.
/// <see cref="Bson.Validate"/> checks a whole document at once.
/// </remarks>
public ref struct BsonReader
{
    const byte OldBinary = 2;

    /// <summary>int32 length and the closing NUL.</summary>
    public const int SmallestDocument = 5;

    readonly ReadOnlySpan<byte> document;
    readonly int origin;
    int next;
    int nameStart, nameLength, valueStart, valueLength;

    /// <param name="document">Exactly one document: its length must be the span's.</param>
    /// <param name="origin">Where the span begins in the outermost document, for error messages.</param>
    /// <exception cref="BsonException">The length or the closing NUL is wrong.</exception>
    public BsonReader(ReadOnlySpan<byte> document, int origin = 0)
    {
        if (document.Length < SmallestDocument)
            throw new BsonException($"{document.Length} bytes, the smallest document has {SmallestDocument}", origin);
        int length = BinaryPrimitives.ReadInt32LittleEndian(document);
        if (length != document.Length)
            throw new BsonException($"its length says {length}, there are {document.Length} bytes", origin);
        if (document[^1] != 0)
            throw new BsonException("the closing NUL is missing", origin + document.Length - 1);
        this.document = document;
        this.origin = origin;
        next = sizeof(int);
    }

    /// <summary>A reader that already stands on one value, without name or document around it.</summary>
    /// <param name="value">Exactly the bytes that <see cref="Value"/> gives for an element.</param>
    /// <exception cref="BsonException">The bytes are not one value of that type.</exception>
    public static BsonReader OnValue(BsonType type, ReadOnlySpan<byte> value, int origin = 0) => new(type, value, origin);

    BsonReader(BsonType type, ReadOnlySpan<byte> value, int origin)
    {
        document = value;
        this.origin = origin;
        Type = type;
        valueLength = LengthOf(type, value);
        if (valueLength != value.Length)
            throw Wrong($"{value.Length - valueLength} bytes after a {type.Alias()} value", valueLength);
        next = value.Length - 1; // where Read sees the end
    }

    public BsonType Type { get; private set; }

    /// <summary>Bytes from the start of the outermost document to the start of this one.</summary>
    public readonly int Origin => origin;

    public readonly ReadOnlySpan<byte> NameUtf8 => document.Slice(nameStart, nameLength);

    /// <summary>The element's name; bytes that are not UTF-8 show as U+FFFD.</summary>
    public readonly string Name => Encoding.UTF8.GetString(NameUtf8);

    /// <summary>The element's value as it lies in the document.</summary>
    public readonly ReadOnlySpan<byte> Value => document.Slice(valueStart, valueLength);

    /// <summary>Bytes from the start of this document to the value.</summary>
    public readonly int ValueOffset => valueStart;

    /// <summary>Moves to the next element; false at the end of the document.</summary>
    /// <exception cref="BsonException">A type, name or length is wrong.</exception>
    public bool Read() => Read([], out _);

    /// <summary>Moves to the next element, whose name is probably known: then its end need not be searched.</summary>
    /// <param name="likely">A name, without its NUL.</param>
    /// <param name="isLikely">Whether the element has that name.</param>
    /// <exception cref="BsonException">A type, name or length is wrong.</exception>
    public bool Read(ReadOnlySpan<byte> likely, out bool isLikely)
    {
        isLikely = false;
        int end = document.Length - 1;
        if (next >= end)
        {
            if (next > end)
                throw new BsonException("an element runs over the end", origin + next);
            Type = BsonType.EndOfDocument;
            return false;
        }
        Type = (BsonType)document[next];
        nameStart = next + 1;
        var rest = document[nameStart..end];
        isLikely = rest.Length > likely.Length && rest[likely.Length] == 0 && rest.StartsWith(likely);
        nameLength = isLikely ? likely.Length : rest.IndexOf((byte)0);
        if (nameLength < 0)
            throw new BsonException("a name without its closing NUL", origin + nameStart);
        valueStart = nameStart + nameLength + 1;
        valueLength = LengthOf(Type, document[valueStart..end]);
        next = valueStart + valueLength;
        return true;
    }

    /// <summary>Length of a value in bytes.</summary>
    readonly int LengthOf(BsonType type, ReadOnlySpan<byte> rest)
    {
        int length = type switch
        {
            BsonType.Null or BsonType.Undefined or BsonType.MinKey or BsonType.MaxKey => 0,
            BsonType.Boolean => 1,
            BsonType.Int32 => 4,
            BsonType.Double or BsonType.DateTime or BsonType.Int64 or BsonType.Timestamp => 8,
            BsonType.ObjectId => 12,
            BsonType.Decimal128 => 16,
            BsonType.String or BsonType.JavaScript or BsonType.Symbol => TextLength(rest, 0),
            BsonType.Document or BsonType.Array => DocumentLength(rest),
            BsonType.Binary => BinaryLength(rest),
            BsonType.RegularExpression => CString(rest, CString(rest, 0)),
            BsonType.DbPointer => TextLength(rest, 0) + 12,
            BsonType.JavaScriptWithScope => CodeWithScopeLength(rest),
            _ => throw Wrong($"unknown element type 0x{(byte)type:x2}", Math.Max(0, nameStart - 1)),
        };
        if (length > rest.Length)
            throw Wrong($"a {type.Alias()} value of {length} bytes, {rest.Length} are left", valueStart);
        return length;
    }

    readonly int Prefix(ReadOnlySpan<byte> rest, int at, int smallest)
    {
        if (rest.Length - at < sizeof(int))
            throw Wrong("a length cut short", valueStart);
        int length = BinaryPrimitives.ReadInt32LittleEndian(rest[at..]);
        if (length < smallest || length > rest.Length)
            throw Wrong($"a length of {length}, {rest.Length} bytes are left", valueStart);
        return length;
    }

    readonly int TextLength(ReadOnlySpan<byte> rest, int at)
    {
        int length = Prefix(rest, at, 1) + sizeof(int);
        if (at + length > rest.Length || rest[at + length - 1] != 0)
            throw Wrong("text without its closing NUL", valueStart);
        return length;
    }

    readonly int DocumentLength(ReadOnlySpan<byte> rest)
    {
        int length = Prefix(rest, 0, SmallestDocument);
        if (rest[length - 1] != 0)
            throw Wrong("a nested document without its closing NUL", valueStart);
        return length;
    }

    /// <summary>Subtype 2 repeats its length inside; a false one would have bytes cut off or made up by whoever trusts it.</summary>
    readonly int BinaryLength(ReadOnlySpan<byte> rest)
    {
        int length = Prefix(rest, 0, 0);
        if (length + 5 <= rest.Length && rest[4] == OldBinary && (length < 4 || BinaryPrimitives.ReadInt32LittleEndian(rest[5..]) != length - 4))
            throw Wrong("a binary of subtype 2 with a wrong inner length", valueStart);
        return length + 5;
    }

    readonly int CodeWithScopeLength(ReadOnlySpan<byte> rest)
    {
        int length = Prefix(rest, 0, 4 + 5 + SmallestDocument);
        var inner = rest[..length];
        int text = TextLength(inner, sizeof(int));
        int scope = sizeof(int) + text;
        if (length - scope < SmallestDocument || BinaryPrimitives.ReadInt32LittleEndian(inner[scope..]) != length - scope || inner[^1] != 0)
            throw Wrong("code whose scope is not a document", valueStart);
        return length;
    }

    readonly int CString(ReadOnlySpan<byte> rest, int at)
    {
        int length = rest[at..].IndexOf((byte)0);
        return length < 0 ? throw Wrong("a regular expression without its closing NUL", valueStart) : at + length + 1;
    }

    readonly BsonException Wrong(string problem, int at) =>
        new(problem, origin + at, nameLength > 0 && nameStart + nameLength <= document.Length ? Name : "");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly ReadOnlySpan<byte> Expect(BsonType type) =>
        Type == type ? Value : throw new InvalidOperationException($"'{Name}' is {Type.Alias()}, not {type.Alias()}.");

    public readonly int Int32 => BinaryPrimitives.ReadInt32LittleEndian(Expect(BsonType.Int32));
    public readonly long Int64 => BinaryPrimitives.ReadInt64LittleEndian(Expect(BsonType.Int64));
    public readonly double Double => BinaryPrimitives.ReadDoubleLittleEndian(Expect(BsonType.Double));
    public readonly Decimal128 Decimal128 => new(Expect(BsonType.Decimal128));
    public readonly ReadOnlySpan<byte> ObjectId => Expect(BsonType.ObjectId);

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z.</summary>
    public readonly long DateTime => BinaryPrimitives.ReadInt64LittleEndian(Expect(BsonType.DateTime));

    /// <summary>MongoDB's own timestamp: seconds in the upper, an ordinal in the lower 32 bits.</summary>
    public readonly ulong Timestamp => BinaryPrimitives.ReadUInt64LittleEndian(Expect(BsonType.Timestamp));

    /// <exception cref="BsonException">Neither 0 nor 1.</exception>
    public readonly bool Boolean => Expect(BsonType.Boolean)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw Wrong($"a boolean of 0x{other:x2}", valueStart),
    };

    /// <summary>Bytes of a string, symbol or code, without the closing NUL; not checked for UTF-8.</summary>
    public readonly ReadOnlySpan<byte> Utf8 => Type is BsonType.String or BsonType.JavaScript or BsonType.Symbol
        ? document.Slice(valueStart + 4, valueLength - 5)
        : throw new InvalidOperationException($"'{Name}' is {Type.Alias()}, not text.");

    /// <exception cref="BsonException">Not UTF-8.</exception>
    public readonly string String => Utf8Text(Utf8);

    /// <summary>The nested document or array, whole.</summary>
    public readonly ReadOnlySpan<byte> Document => Type is BsonType.Document or BsonType.Array
        ? Value
        : throw new InvalidOperationException($"'{Name}' is {Type.Alias()}, not a document or array.");

    /// <summary>A reader over the nested document or array.</summary>
    public readonly BsonReader Nested() => new(Document, origin + valueStart);

    public readonly byte BinarySubtype => Expect(BsonType.Binary)[4];

    /// <summary>The bytes of a binary value; subtype 2's inner length, which was checked when it was read, is left out.</summary>
    public readonly ReadOnlySpan<byte> BinaryBytes => Expect(BsonType.Binary)[(BinarySubtype == OldBinary ? 9 : 5)..];

    /// <summary>Pattern and options of a regular expression.</summary>
    public readonly (string Pattern, string Options) Regex
    {
        get
        {
            var value = Expect(BsonType.RegularExpression);
            int split = value.IndexOf((byte)0);
            return (Utf8Text(value[..split]), Utf8Text(value[(split + 1)..^1]));
        }
    }

    /// <summary>Code and scope of a JavaScript value with scope.</summary>
    public readonly ReadOnlySpan<byte> CodeWithScope(out ReadOnlySpan<byte> scope)
    {
        var value = Expect(BsonType.JavaScriptWithScope);
        int code = BinaryPrimitives.ReadInt32LittleEndian(value[4..]);
        scope = value[(8 + code)..];
        return value.Slice(8, code - 1);
    }

    /// <summary>Namespace and id of a (deprecated) DBPointer.</summary>
    public readonly ReadOnlySpan<byte> DbPointer(out ReadOnlySpan<byte> id)
    {
        var value = Expect(BsonType.DbPointer);
        id = value[^12..];
        return value[4..^13];
    }

    readonly string Utf8Text(ReadOnlySpan<byte> bytes) => Utf8Valid(bytes)
        ? Encoding.UTF8.GetString(bytes)
        : throw Wrong("text that is not UTF-8", valueStart);

    /// <summary>Whether bytes are well-formed UTF-8 (no overlong forms, no surrogates).</summary>
    public static bool Utf8Valid(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);
}
