using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Etl.Contracts;
using Etl.Documents;

namespace Etl.Flattening;

/// <summary>Cleans one field's values, as its contract says, into a buffer; nothing is allocated.</summary>
public sealed class Cleaner(Cleaning cleaning)
{
    const int LongestRune = 4;

    readonly byte[][] nullWords = [.. cleaning.NullWords.Select(w => Encoding.UTF8.GetBytes(w.Trim()))];

    /// <summary>Cleans a value.</summary>
    /// <param name="type">The value's type; on return, the cleaned value's.</param>
    /// <param name="value">As BSON has it.</param>
    /// <param name="output">Where a new value is appended, as BSON would have it.</param>
    /// <returns>False: the value stays as it is.</returns>
    public bool Clean(ref BsonType type, ReadOnlySpan<byte> value, FieldBuffer output)
    {
        if (type is Validation.Rule.Missing or BsonType.Null or BsonType.Undefined)
        {
            if (cleaning.Default is not { } standing)
                return false;
            type = standing.Type;
            output.Write(standing.Value);
            return true;
        }
        if (type != BsonType.String)
            return false;
        var text = value[4..^1];
        if (nullWords.Length > 0 && IsNullWord(Trimmed(text)))
        {
            type = BsonType.Null;
            return true;
        }
        var kept = cleaning.Trim ? Trimmed(text) : text;
        if (kept.Length == text.Length && cleaning.Case == LetterCase.AsItIs)
            return false;
        int start = output.Length;
        output.Int32(0);
        WriteCased(kept, output);
        BinaryPrimitives.WriteInt32LittleEndian(output.Writable(start, 4), output.Length - start - 4 + 1);
        output.Byte(0);
        return true;
    }

    bool IsNullWord(ReadOnlySpan<byte> text)
    {
        foreach (byte[] word in nullWords)
            if (text.Length == word.Length && Ascii.EqualsIgnoreCase(text, word))
                return true;
        return false;
    }

    /// <summary>Bytes that are not UTF-8 end the trimming: they are kept, and refused by the column.</summary>
    static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out var rune, out int bytes) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
            text = text[bytes..];
        while (Rune.DecodeLastFromUtf8(text, out var rune, out int bytes) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
            text = text[..^bytes];
        return text;
    }

    void WriteCased(ReadOnlySpan<byte> text, FieldBuffer output)
    {
        if (cleaning.Case == LetterCase.AsItIs)
        {
            output.Write(text);
            return;
        }
        if (Ascii.IsValid(text))
        {
            var to = output.Take(text.Length);
            _ = cleaning.Case == LetterCase.Lower ? Ascii.ToLower(text, to, out _) : Ascii.ToUpper(text, to, out _);
            return;
        }
        Span<byte> encoded = stackalloc byte[LongestRune];
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out int bytes);
            if (status == OperationStatus.Done)
            {
                rune = cleaning.Case == LetterCase.Lower ? Rune.ToLowerInvariant(rune) : Rune.ToUpperInvariant(rune);
                output.Write(encoded[..rune.EncodeToUtf8(encoded)]);
            }
            else
                output.Write(text[..bytes]); // not UTF-8: the column refuses it
            text = text[bytes..];
        }
    }
}
