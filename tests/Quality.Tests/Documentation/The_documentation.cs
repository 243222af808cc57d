using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using Quality.Commands;

namespace Quality.Tests.Documentation;

/// <summary>What can go stale without anybody noticing: links, commands, targets, and words that do not belong here.</summary>
public sealed class The_documentation
{
    static readonly string Root = MarkdownPage.Root();
    static readonly IReadOnlyList<MarkdownPage> Pages = MarkdownPage.All(Root);

    [Fact]
    public void Has_the_pages_that_a_newcomer_looks_for() =>
        Assert.Superset(new HashSet<string> { "README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/contracts.md", "docs/types.md", "docs/journal.md", "docs/testing.md" },
            Pages.Select(page => page.Name.Replace('\\', '/')).ToHashSet());

    [Fact]
    public void Links_to_files_that_exist() =>
        Assert.Empty(Pages.SelectMany(page => page.RelativeLinks.Where(target => !Exists(page, target)).Select(target => $"{page}: {target}")));

    [Fact]
    public void Links_to_headings_that_exist() =>
        Assert.Empty(Pages.SelectMany(page => page.RelativeLinks.Where(target => target.Contains('#') && !HasHeading(page, target)).Select(target => $"{page}: {target}")));

    [Fact]
    public void Names_commands_and_options_that_the_program_has()
    {
        var program = CommandLine.Create();
        var commands = Words("quality").ToList();
        Assert.NotEmpty(commands);
        Assert.Empty(commands.SelectMany(c => program.Parse(c.Words).Errors.Select(error => $"{c.Page}: quality {string.Join(' ', c.Words)}: {error.Message}")));
    }

    [Fact]
    public void Names_targets_that_the_Makefile_has()
    {
        var targets = Regex.Matches(File.ReadAllText(Path.Combine(Root, "Makefile")), @"^([a-z-]+):", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToHashSet();
        var commands = Words("make").ToList();
        Assert.NotEmpty(commands);
        Assert.Empty(commands.Where(c => !c.Words.All(targets.Contains)).Select(c => $"{c.Page}: make {string.Join(' ', c.Words)}"));
    }

    [Fact]
    public void Has_a_line_in_the_list_of_decisions_for_each_of_them()
    {
        string list = File.ReadAllText(Path.Combine(Root, "docs", "decisions", "README.md"));
        Assert.All(Directory.GetFiles(Path.Combine(Root, "docs", "decisions"), "0*.md"), file => Assert.Contains($"({Path.GetFileName(file)})", list));
    }

    [Fact]
    public void Describes_every_column_type_and_every_table_of_the_journal()
    {
        string types = Page("docs/types.md").Text, journal = Page("docs/journal.md").Text;
        Assert.All(Etl.Contracts.ColumnTypeSql.Names, name => Assert.Contains($"`{name}`", types));
        string migrations = string.Concat(Directory.GetFiles(Path.Combine(Root, "etl", "Loading", "Migrations"), "*.sql").Select(File.ReadAllText));
        Assert.All(Regex.Matches(migrations, @"CREATE TABLE quality\.(\w+)"), match => Assert.Contains($"| `{match.Groups[1].Value}` |", journal));
    }

    [Fact]
    public void Describes_every_rule()
    {
        string described = Page("docs/types.md").Text + Page("docs/contracts.md").Text;
        var rules = typeof(Etl.Validation.RuleNames).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetValue(null)!);
        Assert.All(rules, rule => Assert.Contains($"`{rule}`", described));
    }

    static MarkdownPage Page(string name) => Pages.Single(page => page.Name.Replace('\\', '/') == name);

    static string FileOf(MarkdownPage page, string target)
    {
        string file = Uri.UnescapeDataString(target.Split('#')[0]);
        return file.Length == 0 ? Path.Combine(Root, page.Name) : Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(page.Name)!, file));
    }

    static bool Exists(MarkdownPage page, string target)
    {
        string path = FileOf(page, target);
        return (path + Path.DirectorySeparatorChar).StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && (File.Exists(path) || Directory.Exists(path));
    }

    static bool HasHeading(MarkdownPage page, string target) =>
        Pages.SingleOrDefault(other => Path.Combine(Root, other.Name) == FileOf(page, target))?.Anchors.Contains(target.Split('#')[1]) ?? false;

    /// <summary>The words after a program's name, wherever a ```sh block runs it.</summary>
    static IEnumerable<(string Page, string[] Words)> Words(string program) => Pages.SelectMany(page => page.Commands
        .Select(command => Regex.Replace(command, @"^(\w+=\S+\s+|time\s+)+", ""))
        .Where(command => command == program || command.StartsWith(program + " ", StringComparison.Ordinal))
        .Select(command => (page.Name, Regex.Matches(command[program.Length..], @"'[^']*'|""[^""]*""|\S+").Select(word => word.Value.Trim('\'', '"')).ToArray())));
}
