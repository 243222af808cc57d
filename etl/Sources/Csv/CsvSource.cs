using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Csv;

/// <summary>
/// One CSV file: each record a document of texts and nulls, its <c>_id</c> the line on which it begins. A record that is ragged, or whose bytes are no text, is refused
/// with its line.
/// </summary>
/// <param name="path">Of the file; a link is followed.</param>
public sealed class CsvSource(string path, CsvOptions? options = null) : IDocumentSource
{
    const int Sample = 1_000;

    readonly CsvOptions options = (options ?? new CsvOptions()).Checked();
    readonly CsvEncoding encoding = CsvEncoding.Of((options ?? new CsvOptions()).Encoding);

    public SourceEffort Effort => SourceEffort.None;

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => Task.FromResult(new SourceDescription($"CSV file {path}", null));

    /// <remarks>A file that does not fit the contract is an error, not an absent one.</remarks>
    public Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation)
    {
        foreach (var dataset in datasets)
            Open(dataset).Dispose();
        return Task.FromResult<IReadOnlyList<MissingDataset>>([]);
    }

    /// <summary>From the size of the first records.</summary>
    public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation)
    {
        using var file = Open(dataset);
        long records = 0, bytes = 0;
        while (records < Sample && file.Reader.Read())
        {
            records++;
            bytes += file.Reader.Bytes.Length + 1;
        }
        return Task.FromResult<long?>(records < Sample ? records : file.Length / bytes * records);
    }

    /// <summary>Where a record begins is known when all before it have been read.</summary>
    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<byte[]>>([]);

    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after)
    {
        long from = Math.Max(range.From is { } first ? LineOf(first) : 0, after is null ? 0 : LineOf(after) + 1), to = range.To is { } end ? LineOf(end) : long.MaxValue;
        return new CsvScan(path, dataset, options, encoding, line => line >= from && line < to);
    }

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) => new CsvScan(path, dataset, options, encoding, positions.Select(LineOf).ToHashSet().Contains);

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    CsvFile Open(Dataset dataset) => CsvFile.Open(path, dataset, options, encoding);

    static long LineOf(byte[] position)
    {
        var reader = new BsonReader(position);
        return Bson.Find(ref reader, "_id"u8) && reader.Type == BsonType.Int64 ? reader.Int64 : throw new ArgumentException("A position in a CSV file is the number of a line.", nameof(position));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
