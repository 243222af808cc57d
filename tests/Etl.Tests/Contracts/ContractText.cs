using Etl.Contracts;
using Tests.Shared;

namespace Etl.Tests.Contracts;

/// <summary>Contracts written in a test.</summary>
static class ContractText
{
    public const string Head = """
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:test
        name: test
        version: 1.0.0
        status: active
        servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: mongodb }, { property: database, value: d }] }]

        """;

    public const string Id = "- { name: _id, logicalType: integer, physicalType: int, primaryKey: true, customProperties: [{ property: column, value: id }] }";

    /// <summary>A contract with one dataset <c>things</c> of these properties, one a line.</summary>
    public static string Of(params string[] properties) =>
        $"{Head}schema:\n  - name: things\n    properties:\n{string.Concat(properties.Prepend(Id).Select(p => $"      {p}\n"))}";

    public static Contract Read(string text)
    {
        string folder = Scratch.Folder("contract");
        try
        {
            File.WriteAllText(Path.Combine(folder, ContractReader.FileName), text);
            return ContractReader.Read(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What the reader has against a text: "line:column: message", without the file's name.</summary>
    public static string[] Errors(string text) =>
        [.. Assert.Throws<UsageException>(() => Read(text)).Message.Split('\n').Select(e => e[(e.IndexOf(ContractReader.FileName + ":", StringComparison.Ordinal) + ContractReader.FileName.Length + 1)..])];
}
