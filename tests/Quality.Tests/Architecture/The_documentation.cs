using System.Text.RegularExpressions;
using Quality.Tests.Commands;

namespace Quality.Tests.Architecture;

/// <summary>What the README and the guides tell people to type exists.</summary>
public sealed partial class The_documentation
{
    [GeneratedRegex(@"^```(?:sh|bash|shell|console)\b[^\n]*\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"(?:^|[\s/;&|(])quality(?<words>(?: [a-z][a-z-]*)+)(?<rest>[^\n;&|#]*)", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?<=\s)--[a-z][a-z-]*")]
    private static partial Regex Option();

    static readonly string[] Groups = ["generate", "quarantine", "contract"];

    [Fact]
    public void Begins_with_a_README() => Assert.True(File.Exists(Path.Combine(Repository.Root, "README.md")), "README.md is missing");

    [Fact]
    public async Task Names_only_commands_and_options_that_exist()
    {
        var pages = Repository.Files("*.md").Where(f => f is "README.md" || f.StartsWith("docs" + Path.DirectorySeparatorChar, StringComparison.Ordinal));
        var used = new Dictionary<string, (string Page, HashSet<string> Options)>();
        foreach (string page in pages)
            foreach (Match block in Block().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, page))))
                foreach (Match command in Command().Matches(block.Groups["code"].Value.Replace("\\\n", " ")))
                {
                    string[] words = command.Groups["words"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    string verb = string.Join(' ', words.Take(Groups.Contains(words[0]) ? 2 : 1));
                    if (!used.TryGetValue(verb, out var entry))
                        used[verb] = entry = (page, []);
                    entry.Options.UnionWith(Option().Matches(command.Groups["rest"].Value).Select(o => o.Value));
                }
        foreach (var (verb, (page, options)) in used)
        {
            var help = await QualityProcess.RunAsync([.. verb.Split(' '), "--help"]);
            Assert.True(help.ExitCode == 0, $"{page} names 'quality {verb}', which does not exist: {help.Errors}");
            Assert.All(options, o => Assert.True(help.Output.Contains(o, StringComparison.Ordinal), $"'quality {verb}' has no option {o} ({page} or a page after it)"));
        }
    }
}
