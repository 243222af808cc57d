using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Http;

/// <summary>
/// An HTTP API that answers with JSON, a UTC day a request; or a folder of files with what it would answer. A document's position is
/// <c>{_id: {day, index}}</c>: it holds within one fetch of its day, so a day that breaks off begins anew.
/// </summary>
public sealed class HttpSource : IDocumentSource
{
    readonly HttpOptions options;
    readonly HttpAddress address;
    readonly DayFiles? files;
    readonly HttpFetcher fetcher;
    readonly DateOnly first, last;

    /// <exception cref="UsageException">The URL, the days or another option cannot be used.</exception>
    /// <exception cref="UnavailableException">There is no such folder of day files.</exception>
    public HttpSource(HttpOptions options)
    {
        this.options = options.Checked();
        address = new HttpAddress(options);
        files = HttpAddress.IsFolder(options.Url) ? new DayFiles(options.Url) : null;
        if (files is not null && !options.ByDay)
            throw new UsageException($"'{options.Url}' is a folder of day files: it can only be read by day.");
        (first, last) = (options.From ?? files?.First ?? default, options.To ?? files?.Last ?? default);
        fetcher = new HttpFetcher(this.options, address, files);
        if (options.Token is not null && address.Scheme == "http" && !address.IsLoopback)
            fetcher.Effort.Remark($"The token is sent to {address.Authority} without encryption: the URL begins with http://.");
    }

    public SourceEffort Effort => fetcher.Effort.Sum;

    /// <summary>Says what was given; an API is asked when its first day is fetched, as some count every request.</summary>
    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => Task.FromResult(new SourceDescription(
        $"{(files is null ? $"http API at {address.Name}" : $"day files in {files.Name}")}{(options.ByDay ? $", {first:yyyy-MM-dd} to {last:yyyy-MM-dd}" : "")}", null));

    /// <summary>An API has what it is asked for; where it has not, it says so for each day.</summary>
    public Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<MissingDataset>>([]);

    public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => Task.FromResult<long?>(null);

    /// <summary>Divides the days.</summary>
    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        long days = last.DayNumber - first.DayNumber + 1;
        parts = options.ByDay ? (int)Math.Min(parts, days) : 1;
        return Task.FromResult<IReadOnlyList<byte[]>>([.. Enumerable.Range(1, Math.Max(0, parts - 1)).Select(i => new HttpPart(first.AddDays((int)(i * days / parts))).Position(0))]);
    }

    /// <summary>
    /// Reads days from one bound to the other. Behind a position in the midst of a day, the day is read again from its start: the API may
    /// answer in another order by now, and what was loaded is recognised by its key.
    /// </summary>
    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after)
    {
        if (!options.ByDay)
            return Scan(dataset, [new HttpPart(null)], null);
        var from = (after ?? range.From) is { } bound && DayOf(bound) is var lower && lower > first ? lower : first;
        // The bound itself is left out, and it is the beginning of a day.
        var to = range.To is { } end && DayOf(end) is var upper && upper <= last ? upper : last.AddDays(1);
        return Scan(dataset, Days(from, to), null);
    }

    static IEnumerable<HttpPart> Days(DateOnly from, DateOnly end)
    {
        for (var day = from; day < end; day = day.AddDays(1))
            yield return new HttpPart(day);
    }

    static DateOnly DayOf(byte[] position) => HttpPart.Of(position).Part.Day ?? throw new ArgumentException($"'{PositionText.Of(position)}' names no day.");

    /// <summary>Fetches the days of those positions, and hands out what stands there now.</summary>
    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions)
    {
        var wanted = positions.Select(p => HttpPart.Of(p)).ToHashSet();
        return Scan(dataset, wanted.Select(w => w.Part).Distinct().OrderBy(p => p.Day), (part, index) => wanted.Contains((part, index)));
    }

    HttpScan Scan(Dataset dataset, IEnumerable<HttpPart> parts, Func<HttpPart, int, bool>? picked) =>
        new(fetcher, (part, spool, cancellation) => fetcher.FetchAsync(dataset, part, spool, cancellation), parts, options.ParallelDays, picked);

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    public ValueTask DisposeAsync() => fetcher.DisposeAsync();
}
