using System.Globalization;
using System.Text;

namespace Quality.Ui;

/// <summary>
/// Text from a document, made safe to look at: control, bidirectional and zero-width characters are written out,
/// so that nothing can hide in a value or turn the line around it.
/// </summary>
public static class VisibleText
{
    /// <summary>The pieces of a text, those that were written out marked.</summary>
    public static IEnumerable<(string Text, bool Escaped)> Pieces(string text)
    {
        var plain = new StringBuilder();
        var escaped = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var pair = text.Substring(i++, 2);
                // Tag characters (U+E0000 …) are formatting too, and lie beyond the first plane.
                if (CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(pair, 0)) is UnicodeCategory.Format or UnicodeCategory.PrivateUse)
                    escaped.Append($"\\U{char.ConvertToUtf32(pair, 0):X8}");
                else
                    Plain(pair);
            }
            else if (Hidden(text, i)) escaped.Append(Written(text[i]));
            else Plain(text[i].ToString());

            if (escaped.Length > 0 && plain.Length > 0) { yield return (plain.ToString(), false); plain.Clear(); }
            if (escaped.Length > 0 && (i + 1 == text.Length || !Hidden(text, i + 1))) { yield return (escaped.ToString(), true); escaped.Clear(); }
        }
        if (plain.Length > 0) yield return (plain.ToString(), false);

        void Plain(string piece) => plain.Append(piece);
    }

    /// <summary>The whole as one string, for where there is no markup: titles, tips, labels.</summary>
    public static string Of(string text) => string.Concat(Pieces(text).Select(p => p.Text));

    static bool Hidden(string text, int i) => char.GetUnicodeCategory(text[i]) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse => true,
        UnicodeCategory.Surrogate => !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            && !(i > 0 && char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1])),
        // Space is hidden only where nothing follows or precedes it.
        UnicodeCategory.SpaceSeparator => text[i] != ' ' || i == 0 || i == text.Length - 1,
        _ => false,
    };

    static string Written(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)c:X4}",
    };
}
