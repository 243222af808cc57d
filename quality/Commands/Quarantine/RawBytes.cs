using System.Globalization;
using System.Text;
using Etl.Documents;

namespace Quality.Commands.Quarantine;

/// <summary>Bytes that never became a document: as text where they are text, else in hex, cut to a readable length.</summary>
internal static class RawBytes
{
    public const int TextCharacters = 4_000, HexBytes = 512;
    const int BytesOfALine = 16;

    /// <summary>The text, cut; null where the bytes are none: not UTF-8, or with NUL in them.</summary>
    public static string? Text(ReadOnlySpan<byte> bytes)
    {
        // A broken document is often one byte short of being text: what is damaged at the very end may be cut away.
        var whole = bytes;
        for (int cut = 0; cut < 4 && !BsonReader.Utf8Valid(whole) && whole.Length > 0; cut++)
            whole = whole[..^1];
        return BsonReader.Utf8Valid(whole) && !whole.Contains((byte)0) ? ShownText.Clip(Encoding.UTF8.GetString(whole), TextCharacters) : null;
    }

    /// <summary>Offset, sixteen bytes, and what of them is printable ASCII, a line each.</summary>
    public static IEnumerable<string> Hex(byte[] bytes)
    {
        for (int at = 0; at < Math.Min(bytes.Length, HexBytes); at += BytesOfALine)
        {
            byte[] line = bytes[at..Math.Min(bytes.Length, Math.Min(at + BytesOfALine, HexBytes))];
            string hex = string.Join(' ', line.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
            yield return $"{at:x8}  {hex.PadRight(BytesOfALine * 3 - 1)}  {string.Concat(line.Select(b => b is >= 0x20 and < 0x7f ? (char)b : '.'))}";
        }
        if (bytes.Length > HexBytes)
            yield return $"… {Terminal.Count(bytes.Length - HexBytes)} bytes more";
    }
}
