using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Etl.Contracts;
using Etl.Documents;
using Polly;
using Polly.Retry;

namespace Etl.Sources.Http;

/// <summary>Fetches parts, each whole or not at all: a body that breaks off is fetched again from its start, and what was handed out of it is void.</summary>
internal sealed class HttpFetcher : IAsyncDisposable
{
    readonly HttpOptions options;
    readonly HttpAddress address;
    readonly DayFiles? files;
    readonly HttpDoor door;
    readonly ResiliencePipeline retry;
    readonly SemaphoreSlim parallel;
    readonly ConcurrentBag<Spool> idle = [];

    public HttpFetcher(HttpOptions options, HttpAddress address, DayFiles? files)
    {
        (this.options, this.address, this.files) = (options, address, files);
        door = new HttpDoor(address, options);
        parallel = new SemaphoreSlim(options.ParallelDays);
        retry = new Retries(options.FirstPause, options.LongestPause, options.Seed, options.Time).Of(options.Attempts, new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpFailure>(e => e.IsPassing),
            DelayGenerator = args => new((args.Outcome.Exception as HttpFailure)?.RetryAfter),
        });
    }

    public EffortCounter Effort { get; } = new();

    /// <summary>Fetches a part with all its pages.</summary>
    /// <param name="spool">Takes its documents; ended in any case.</param>
    /// <exception cref="UnavailableException">It could not be had: what happened, on which day, after how many attempts.</exception>
    public async Task FetchAsync(Dataset dataset, HttpPart part, Spool spool, CancellationToken cancellation)
    {
        int attempts = 0;
        bool isTaken = false;
        try
        {
            await parallel.WaitAsync(cancellation);
            isTaken = true;
            await retry.ExecuteAsync(async token =>
            {
                attempts++;
                try
                {
                    await FetchOnceAsync(dataset, part, spool, token);
                }
                catch (HttpFailure e) when (e.IsPassing)
                {
                    Effort.Failed(1, e.TimedOut ? 1 : 0);
                    throw;
                }
            }, cancellation);
            spool.Complete();
        }
        catch (HttpFailure failure)
        {
            if (failure.IsPassing)
                Effort.GaveUp();
            throw new UnavailableException($"{files?.Name ?? address.Name}, {part.Name}: {failure.Message}{(attempts > 1 ? $". Tried {attempts} times" : "")}. Nothing of that day was loaded.", failure);
        }
        finally
        {
            spool.GiveUp(); // says nothing new of one that is complete
            if (isTaken)
                parallel.Release();
        }
    }

    /// <returns>A place for documents; to be given back.</returns>
    public Spool NewSpool() => idle.TryTake(out var used) ? used : new Spool(options.SpoolFolder);

    public void GiveBack(Spool spool)
    {
        spool.Release();
        idle.Add(spool);
    }

    async Task FetchOnceAsync(Dataset dataset, HttpPart part, Spool spool, CancellationToken cancellation)
    {
        spool.Clear();
        using var attempt = new HttpAttempt(door, options, cancellation);
        var writer = new BsonWriter(4_096);
        byte[] position = part.Position(0);
        var uri = files?.Of(part.Day!.Value) ?? address.Of(dataset, part);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int page = 0; uri is not null; page++)
        {
            if (page >= options.MaxPages)
                throw new HttpFailure($"more than {options.MaxPages:N0} pages, the limit of a day", isPassing: false);
            if (!seen.Add(uri.AbsoluteUri))
                throw new HttpFailure($"page {page + 1} leads back to an earlier one", isPassing: false);
            if (!await attempt.AskAsync(uri, part))
                break;
            int before = spool.Count;
            var list = new JsonListReader(attempt.ReadAsync, new JsonListOptions { Member = options.Member, Kept = FirstStep(options.Paging), MaxElementBytes = options.MaxElementBytes });
            await ReadAsync(list, attempt, spool, position, writer, cancellation);
            uri = NextPage(uri, page, spool.Count > before, attempt, list);
        }
    }

    static async Task ReadAsync(JsonListReader list, HttpAttempt attempt, Spool spool, byte[] position, BsonWriter writer, CancellationToken cancellation)
    {
        try
        {
            while (await list.ReadAsync(cancellation))
            {
                HttpPart.SetIndex(position, spool.Count);
                if ((list.Problem ?? Convert(list.Element.Span, position, writer)) is { } problem)
                    spool.AddRefused(list.Element.Span, problem);
                else
                    spool.Add(writer.Written);
                if (spool.IsFull)
                    await spool.FlushAsync(cancellation);
            }
        }
        catch (JsonListException e)
        {
            throw attempt.NoList(e);
        }
    }

    /// <returns>Why it is no document; null where it is one, and written.</returns>
    static string? Convert(ReadOnlySpan<byte> json, byte[] position, BsonWriter writer)
    {
        try
        {
            PlainJson.Write(json, position, writer);
            return null;
        }
        catch (ExtendedJsonException e)
        {
            return $"{e.Problem} at byte {e.Offset:N0}{(e.Path.Length == 0 ? "" : $" (in {e.Path})")}";
        }
    }

    static string? FirstStep(HttpPaging? paging) => paging is HttpPaging.ByLinkField field ? field.Path.Split('.')[0] : null;

    Uri? NextPage(Uri uri, int page, bool hadElements, HttpAttempt attempt, JsonListReader list)
    {
        var next = options.Paging switch
        {
            HttpPaging.ByLinkHeader => attempt.Next,
            HttpPaging.ByLinkField field => Linked(uri, field.Path, list.Kept),
            HttpPaging.ByNumber number when hadElements => HttpAddress.With(uri, number.Parameter, (number.First + page + 1).ToString(CultureInfo.InvariantCulture)),
            _ => null,
        };
        if (next is not null)
            door.Check(next, "The link to the next page");
        return next;
    }

    static Uri? Linked(Uri uri, string path, byte[]? kept)
    {
        if (kept is null)
            return null;
        try
        {
            using var json = JsonDocument.Parse(kept);
            var value = json.RootElement;
            foreach (string step in path.Split('.')[1..])
                if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(step, out value))
                    return null;
            return value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String when value.GetString() is { Length: > 0 } link && Uri.TryCreate(uri, link, out var next) => next,
                JsonValueKind.String when value.GetString() is "" => null,
                _ => throw new HttpFailure($"'{path}' is no link to a next page", isPassing: false),
            };
        }
        catch (JsonException)
        {
            throw new HttpFailure($"'{path}' is no link to a next page", isPassing: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        door.Dispose();
        foreach (var spool in idle)
            await spool.DisposeAsync();
    }
}
