using System.Buffers;
using System.Globalization;
using System.Text;

namespace Etl.Documents;

/// <summary>The small parts of JSON, written straight as UTF-8.</summary>
static class JsonText
{
    static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    /// <summary>A quoted string; only what JSON demands is escaped.</summary>
    public static void Text(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        if (!BsonReader.Utf8Valid(utf8))
            utf8 = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8)); // puts U+FFFD where it is not UTF-8
        output.Write("\""u8);
        for (int special; (special = utf8.IndexOfAny(Escaped)) >= 0; utf8 = utf8[(special + 1)..])
        {
            output.Write(utf8[..special]);
            Escape(utf8[special], output);
        }
        output.Write(utf8);
        output.Write("\""u8);
    }

    static void Escape(byte special, IBufferWriter<byte> output)
    {
        switch (special)
        {
            case (byte)'"': output.Write("\\\""u8); break;
            case (byte)'\\': output.Write("\\\\"u8); break;
            case (byte)'\b': output.Write("\\b"u8); break;
            case (byte)'\f': output.Write("\\f"u8); break;
            case (byte)'\n': output.Write("\\n"u8); break;
            case (byte)'\r': output.Write("\\r"u8); break;
            case (byte)'\t': output.Write("\\t"u8); break;
            default: Ascii($"\\u{special:x4}", output); break;
        }
    }

    public static void Digits(long value, IBufferWriter<byte> output)
    {
        value.TryFormat(output.GetSpan(20), out int written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public static void Ascii(string text, IBufferWriter<byte> output) =>
        output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));
}
