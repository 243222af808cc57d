using System.Text;
using System.Text.Unicode;

namespace Etl.Sources.Csv;

/// <summary>
/// What the bytes of values mean. Records are divided as bytes, so delimiters, quotes and line ends must be what they are in ASCII: true of UTF-8 and of encodings of
/// one byte a character.
/// </summary>
internal sealed class CsvEncoding
{
    readonly Encoding? other; // null: UTF-8

    CsvEncoding(string name, Encoding? other) => (Name, this.other) = (name, other);

    public string Name { get; }

    /// <summary>Bytes of UTF-8 that a byte may become.</summary>
    public int Growth => other is null ? 1 : 3;

    /// <exception cref="UsageException">There is no such encoding, or records cannot be divided in it.</exception>
    public static CsvEncoding Of(string name)
    {
        if (name.ToLowerInvariant() is "utf-8" or "utf8" or "ascii" or "us-ascii")
            return new CsvEncoding("UTF-8", null);
        Encoding? found;
        try
        {
            found = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            throw new UsageException($"CSV options: there is no encoding '{name}'. Known are utf-8, iso-8859-1, windows-1252 and others of one byte a character.");
        }
        Span<byte> ascii = stackalloc byte[128];
        for (int i = 0; i < ascii.Length; i++)
            ascii[i] = (byte)i;
        if (!found.IsSingleByte || found.GetString(ascii) is not { Length: 128 } text || text.Where((c, i) => c != i).Any())
            throw new UsageException($"CSV options: files in {found.WebName} are not read. Convert them first: iconv -f {found.WebName} -t UTF-8.");
        var strict = (Encoding)found.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        return new CsvEncoding(found.WebName, strict);
    }

    /// <summary>Whether all of a record's bytes are characters; where they are not UTF-8 they are looked at one by one, in <see cref="TryConvert"/>.</summary>
    public bool MayBeValid(ReadOnlySpan<byte> record) => other is not null || Utf8.IsValid(record);

    /// <summary>A value as UTF-8.</summary>
    /// <returns>How many bytes it has; −1: some of them are no character.</returns>
    public int TryConvert(ReadOnlySpan<byte> value, Span<byte> utf8)
    {
        if (other is null)
        {
            value.CopyTo(utf8);
            return value.Length;
        }
        try
        {
            return Encoding.UTF8.GetBytes(other.GetString(value), utf8);
        }
        catch (DecoderFallbackException)
        {
            return -1;
        }
    }
}
