using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Http;
using Etl.Tests.Contracts;

namespace Etl.Tests.Sources.Http;

/// <summary>Reads an HTTP source as a loader would.</summary>
internal static class HttpReading
{
    public static readonly global::Etl.Contracts.Dataset Things = ContractText.Read(ContractText.Of("- { name: a, logicalType: integer }")).Datasets[0];

    public static HttpOptions Options(TestApi api, int days = 1) => new()
    {
        Url = api.Url,
        From = new DateOnly(2024, 1, 1),
        To = new DateOnly(2024, 1, 1).AddDays(days - 1),
        Token = new HttpToken("api-token", "s3cret-t0ken", "TEST_TOKEN"),
        FirstPause = 1,
        LongestPause = 20,
        UseProxy = false,
    };

    public static async Task<List<string>> ReadAsync(HttpOptions options)
    {
        await using var source = new HttpSource(options);
        return await ReadAsync(source);
    }

    public static Task<List<string>> ReadAsync(HttpSource source) => ReadAsync(source.Scan(Things, ScanRange.Whole, null));

    /// <summary>Documents as relaxed JSON; what was refused as its position, bytes and reason.</summary>
    public static async Task<List<string>> ReadAsync(IDocumentScan scan, List<string>? into = null, int batchDocuments = 3)
    {
        var read = into ?? [];
        await using (scan)
            for (var batch = new DocumentBatch(batchDocuments); await scan.ReadAsync(batch, TestContext.Current.CancellationToken);)
                for (int i = 0; i < batch.Count; i++)
                    read.Add(batch.RefusedAt(i) is { } refused
                        ? $"{PositionText.Of(refused.Position)} {System.Text.Encoding.UTF8.GetString(refused.Bytes.Span)}: {refused.Reason}"
                        : ExtendedJson.ToString(batch[i]));
        return read;
    }

    public static async Task<string> FailureAsync(HttpOptions options) =>
        (await Assert.ThrowsAsync<UnavailableException>(() => ReadAsync(options))).Message;

    public static string Document(string day, int index, string members) => $$$"""{"_id":{"day":{"$date":"{{{day}}}T00:00:00Z"},"index":{{{index}}}},{{{members}}}}""";
}
