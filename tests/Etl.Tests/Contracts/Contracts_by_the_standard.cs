using Etl.Contracts;
using Etl.Tests.Flattening;
using Tests.Shared;

namespace Etl.Tests.Contracts;

/// <summary>What we call a contract is one by the standard's own JSON schema, judged by a program that others wrote.</summary>
[Trait("Category", "Foreign")]
public sealed class Contracts_by_the_standard
{
    static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Quality.sln")))
                folder = folder.Parent!;
            return folder.FullName;
        }
    }

    [Fact]
    public void Are_those_that_are_shipped() =>
        OdcsSchema.AreValid(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Pipelines"), ContractReader.FileName, SearchOption.AllDirectories));

    /// <summary>The files of the tests, the contracts that tests make up, and the one that the guide begins with.</summary>
    [Fact]
    public void Are_those_of_tests_and_documentation()
    {
        string folder = Scratch.Folder("odcs");
        string guide = File.ReadAllText(Path.Combine(Root, "docs", "contracts.md"));
        int from = guide.IndexOf("```yaml\n", StringComparison.Ordinal) + 8;
        var made = new Dictionary<string, string>
        {
            ["everything"] = Everything.Text,
            ["quality"] = A_quality_rule.Text,
            ["guide"] = guide[from..guide.IndexOf("```", from, StringComparison.Ordinal)],
        };
        foreach (var (name, text) in made)
            File.WriteAllText(Path.Combine(folder, name), text);
        var files = Directory.GetFiles(Path.Combine(Root, "tests"), ContractReader.FileName, SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        OdcsSchema.AreValid([.. files, .. made.Keys.Select(name => Path.Combine(folder, name))]);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Are_not_those_with_a_key_that_the_standard_does_not_know()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, Everything.Text.Replace("multipleOf", "multiplesOf", StringComparison.Ordinal));
        Assert.Equal(1, OdcsSchema.Judge([file]).ExitCode);
        File.Delete(file);
    }
}
