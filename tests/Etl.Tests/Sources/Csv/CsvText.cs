using System.Text;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Csv;
using Etl.Tests.Contracts;
using Tests.Shared;

namespace Etl.Tests.Sources.Csv;

/// <summary>CSV files written in a test, and what is read from them.</summary>
static class CsvText
{
    public static Dataset Dataset(params string[] columns) => ContractText.Read(ContractText.Of([.. columns.Select(c => $"- {{ name: {c}, logicalType: string, physicalType: string }}")])).Datasets[0];

    public static string File(ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(Scratch.Folder("csv"), "things.csv");
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    public static string File(string content) => File(Encoding.UTF8.GetBytes(content));

    /// <summary>A document as relaxed JSON; a refused item as its line, its bytes and the reason.</summary>
    public static Task<List<string>> ReadAsync(string content, params string[] columns) => ReadFileAsync(File(content), null, columns);

    public static async Task<List<string>> ReadFileAsync(string path, CsvOptions? options, params string[] columns)
    {
        await using var source = new CsvSource(path, options);
        await using var scan = source.Scan(Dataset(columns), ScanRange.Whole, null);
        return await ReadAsync(scan);
    }

    public static async Task<List<string>> ReadAsync(IDocumentScan scan, int maxDocuments = 3)
    {
        var read = new List<string>();
        var batch = new DocumentBatch(maxDocuments);
        while (await scan.ReadAsync(batch, CancellationToken.None))
            for (int i = 0; i < batch.Count; i++)
                read.Add(batch.RefusedAt(i) is not { } refused ? Validated(batch[i])
                    : $"refused {ExtendedJson.ToString(refused.Position)} {refused.MediaType} [{Encoding.Latin1.GetString(refused.Bytes.Span)}] {refused.Reason}");
        return read;
    }

    static string Validated(ReadOnlySpan<byte> document)
    {
        Bson.Validate(document);
        return ExtendedJson.ToString(document);
    }
}
