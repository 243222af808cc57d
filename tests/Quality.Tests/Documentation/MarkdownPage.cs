using System.Text.RegularExpressions;

namespace Quality.Tests.Documentation;

/// <summary>A page of the documentation, as far as its promises can be checked: links, headings, commands.</summary>
sealed class MarkdownPage(string root, string path)
{
    readonly string[] lines = File.ReadAllLines(path);

    internal string Name => Path.GetRelativePath(root, path);

    internal string Text => string.Join('\n', lines);

    /// <summary>Every page of the repository; what is built, fetched or kept is none of it.</summary>
    internal static IReadOnlyList<MarkdownPage> All(string root) => [.. Directory.EnumerateFiles(root, "*.md", new EnumerationOptions
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    })
        .Where(file => !Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts" or "node_modules"))
        .Order(StringComparer.Ordinal).Select(file => new MarkdownPage(root, file))];

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Quality.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }

    /// <summary>Targets of links and pictures that do not leave the repository.</summary>
    internal IEnumerable<string> RelativeLinks => Prose
        .SelectMany(line => Regex.Matches(Regex.Replace(line, "`[^`]*`", "code"), @"\]\(([^)\s]+)[^)]*\)").Select(match => match.Groups[1].Value))
        .Where(target => !Regex.IsMatch(target, "^[a-z]+:"));

    /// <summary>Anchors of the headings, as GitHub makes them.</summary>
    internal IEnumerable<string> Anchors => Prose.Where(line => Regex.IsMatch(line, "^#{1,6} "))
        .Select(line => Regex.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), @"[^\p{L}\p{N} _-]", "").Replace(' ', '-'));

    /// <summary>The commands in ```sh blocks, without comments and continuations; several on a line come one by one.</summary>
    internal IEnumerable<string> Commands => Regex.Matches(Text, @"^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)
        .SelectMany(block => block.Groups[1].Value.Replace("\\\n", " ").Split('\n'))
        .Select(line => Regex.Replace(line, @"(^|\s)#.*$", ""))
        .SelectMany(line => Regex.Split(line, @"\|\||&&|[|;]"))
        .Select(command => Regex.Replace(command.Trim(), @"\s*\d?>>?\s*\S+", ""))
        .Where(command => command.Length > 0);

    /// <summary>Lines outside fenced blocks.</summary>
    IEnumerable<string> Prose
    {
        get
        {
            bool fenced = false;
            foreach (string line in lines)
                if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                    fenced = !fenced;
                else if (!fenced)
                    yield return line;
        }
    }

    public override string ToString() => Name;
}
