using System.Text;
using Chaos.MongoEmulator.Commands;

namespace Chaos.MongoEmulator.Queries;

/// <summary>
/// Writes a pattern of mongod's engine (PCRE, UTF-8, classes of ASCII) so that .NET's means the same by it: \d \w \s \b are ASCII, a dot
/// and a negated class take a character beyond U+FFFF whole, a bracket inside a class is itself. What .NET has no word for it refuses when it compiles.
/// </summary>
static class PcrePattern
{
    const string Pair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]", Word = "a-zA-Z0-9_", Space = @" \t\n\v\f\r", Vertical = @"\n\v\f\r\u0085\u2028\u2029";

    static readonly Dictionary<string, string> Named = new()
    {
        ["alpha"] = "a-zA-Z",
        ["digit"] = "0-9",
        ["alnum"] = "a-zA-Z0-9",
        ["upper"] = "A-Z",
        ["lower"] = "a-z",
        ["space"] = Space,
        ["xdigit"] = "0-9A-Fa-f",
        ["word"] = Word,
    };

    /// <exception cref="CommandException">BadValue: a class that cannot be said in .NET's words.</exception>
    public static string Translate(string pattern)
    {
        var text = new StringBuilder();
        for (int at = 0; at < pattern.Length;)
            switch (pattern[at])
            {
                case '\\' when at + 1 < pattern.Length:
                    text.Append(Escape(pattern[at + 1]));
                    at += 2;
                    break;
                case '.':
                    text.Append($"(?>{Pair}|.)");
                    at++;
                    break;
                case '[':
                    at = Class(pattern, at, text);
                    break;
                default:
                    text.Append(pattern[at++]);
                    break;
            }
        return text.ToString();
    }

    static string Escape(char c) => c switch
    {
        'd' => "[0-9]",
        'D' => $"(?>{Pair}|[^0-9])",
        'w' => $"[{Word}]",
        'W' => $"(?>{Pair}|[^{Word}])",
        's' => $"[{Space}]",
        'S' => $"(?>{Pair}|[^{Space}])",
        'v' => $"[{Vertical}]",
        'b' => $"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))",
        'B' => $"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))",
        _ => $"\\{c}",
    };

    /// <returns>Where the class ends.</returns>
    static int Class(string pattern, int start, StringBuilder text)
    {
        bool negated = start + 1 < pattern.Length && pattern[start + 1] == '^';
        var inside = new StringBuilder();
        int at = start + (negated ? 2 : 1), first = at;
        for (; at < pattern.Length && (pattern[at] != ']' || at == first); at++)
            if (char.IsSurrogate(pattern[at]))
                throw Refused(pattern, "a character beyond U+FFFF inside a class");
            else if (pattern[at] == '\\' && at + 1 < pattern.Length)
                inside.Append(Inside(pattern, pattern[++at]));
            else if (pattern[at] == '[' && at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) is > 0 and var end)
            {
                inside.Append(Named.GetValueOrDefault(pattern[(at + 2)..end]) ?? throw Refused(pattern, $"the class {pattern[at..(end + 2)]}"));
                at = end + 1;
            }
            else if (pattern[at] is '[' or ']')
                inside.Append('\\').Append(pattern[at]);
            else
                inside.Append(pattern[at]);
        if (at >= pattern.Length)
            throw new CommandException((ErrorCode)51091, "Regular expression is invalid: missing terminating ] for character class");
        text.Append(negated ? $"(?>{Pair}|[^{inside}])" : $"[{inside}]");
        return at + 1;
    }

    static string Inside(string pattern, char c) => c switch
    {
        'd' => "0-9",
        'w' => Word,
        's' => Space,
        'v' => Vertical,
        'D' or 'W' or 'S' => throw Refused(pattern, $"\\{c} inside a class"),
        _ => $"\\{c}",
    };

    static CommandException Refused(string pattern, string what) =>
        new(ErrorCode.BadValue, $"this emulator does not match regular expressions with {what}, as /{pattern}/ has");
}
