using System.Globalization;
using System.Text;

namespace Quality.Initialisation;

/// <summary>Texts as YAML takes them, whatever is in them.</summary>
internal static class YamlText
{
    static readonly string[] Words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

    /// <summary>Bare where nobody could take it for anything else, else in double quotes.</summary>
    public static string Scalar(string text) => text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '_') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
        && !Words.Contains(text, StringComparer.OrdinalIgnoreCase) ? text : Quoted(text);

    static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                ' ' => " ",
                _ when Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune) => rune.ToString(),
                > 0xFFFF => "\\U" + rune.Value.ToString("x8", CultureInfo.InvariantCulture),
                _ => "\\u" + rune.Value.ToString("x4", CultureInfo.InvariantCulture),
            });
        return quoted.Append('"').ToString();
    }
}
