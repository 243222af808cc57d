using System.Text.RegularExpressions;

namespace Etl.Marts;

/// <summary>The lines of comment at the top of a mart's file: <c>-- key: value</c>, going on with <c>--   more</c>.</summary>
internal sealed partial class MartHeader
{
    /// <summary>One entry. The name is what stands between the key and the colon.</summary>
    public sealed record Entry(string Key, string Name, int Line, SqlText Value)
    {
        /// <summary>For people: one line.</summary>
        public string Prose => string.Join(' ', Value.Text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));
    }

    [GeneratedRegex(@"^-- ?(?<key>[A-Za-z_]+)(?: +(?<name>[^:]*?))? *:(?: +(?<value>.*))?$")]
    private static partial Regex First { get; }

    [GeneratedRegex(@"^--   +(?<value>\S.*)$")]
    private static partial Regex More { get; }

    public IReadOnlyList<Entry> Entries { get; private init; } = [];

    /// <summary>Everything below.</summary>
    public required SqlText Body { get; init; }

    public static MartHeader Read(string text, string file, MartErrors errors)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        var entries = new List<Entry>();
        int at = 0;
        for (; at < lines.Length && (lines[at].StartsWith("--", StringComparison.Ordinal) || string.IsNullOrWhiteSpace(lines[at])); at++)
        {
            string line = lines[at].TrimEnd();
            if (line is "" or "--")
                continue;
            // What goes on belongs to the entry in the line above.
            if (More.Match(line) is { Success: true } more && entries is [.., var last] && last.Line + last.Value.Lines.Count == at + 1)
                entries[^1] = last with { Value = new($"{last.Value.Text}\n{more.Groups["value"].Value}", file, [.. last.Value.Lines, (at + 1, more.Groups["value"].Index + 1)]) };
            else if (First.Match(line) is { Success: true } first)
                entries.Add(new(first.Groups["key"].Value.ToLowerInvariant(), first.Groups["name"].Value, at + 1,
                    new(first.Groups["value"].Value, file, [(at + 1, first.Groups["value"] is { Success: true, Index: var index } ? index + 1 : line.Length + 1)])));
            else
                errors.Add(file, at + 1, 1, "The lines above the SELECT are '-- key: value', and a value goes on in the next line with '--   '. Write other comments below the SELECT's first line.");
        }
        return new MartHeader
        {
            Entries = entries,
            Body = new(string.Join('\n', lines[at..]), file, [.. Enumerable.Range(Math.Min(at + 1, lines.Length), Math.Max(1, lines.Length - at)).Select(l => (l, 1))]),
        };
    }
}
