using Etl.Contracts;
using Etl.Tests.Contracts;
using Tests.Shared;

namespace Etl.Tests.Marts;

/// <summary>A contract with marts beside it, written in a test.</summary>
static class MartFiles
{
    /// <summary>Gives table test.things(id, who, n); who is personal.</summary>
    static readonly string Things = ContractText.Of("- { name: who, logicalType: string, classification: pii }", "- { name: n, logicalType: integer }");

    public static Contract Read(params string[] marts) => Beside(Things, marts);

    /// <summary>The files are called a.sql, b.sql …</summary>
    public static Contract Beside(string contract, params string[] marts)
    {
        string folder = Scratch.Folder("marts");
        try
        {
            File.WriteAllText(Path.Combine(folder, ContractReader.FileName), contract);
            Directory.CreateDirectory(Path.Combine(folder, "marts"));
            for (int i = 0; i < marts.Length; i++)
                File.WriteAllText(Path.Combine(folder, "marts", $"{(char)('a' + i)}.sql"), marts[i]);
            return ContractReader.Read(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What the reader has against them: "a.sql:line:column: message".</summary>
    public static string[] Errors(params string[] marts) =>
        [.. Assert.Throws<UsageException>(() => Read(marts)).Message.Split('\n').Select(e => e[(e.IndexOf("marts/", StringComparison.Ordinal) + 6)..])];
}
