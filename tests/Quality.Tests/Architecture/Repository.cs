using System.Runtime.CompilerServices;

namespace Quality.Tests.Architecture;

/// <summary>The files of this repository, found from where this file was compiled.</summary>
static class Repository
{
    static readonly string[] Built = ["bin", "obj", "artifacts", ".quality", ".git", "TestResults"];

    public static string Root { get; } = Find();

    static string Find([CallerFilePath] string here = "")
    {
        // Deterministic builds may map the path; the test assembly lies in tests/Quality.Tests/bin/Configuration/Framework.
        string? folder = File.Exists(here) ? Path.GetDirectoryName(here) : AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Quality.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("No Quality.sln above the tests.");
    }

    public static IEnumerable<string> Sources => Files("*.cs").Concat(Files("*.razor"));

    public static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Root, f)).Where(f => !f.Split(Path.DirectorySeparatorChar).Intersect(Built).Any());
}
