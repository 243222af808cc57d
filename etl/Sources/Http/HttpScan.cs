namespace Etl.Sources.Http;

/// <summary>Hands out parts one after the other, each once it is there whole, while the next are fetched. A batch holds documents of one part only.</summary>
/// <param name="picked">Which elements of a part are wanted; null: all.</param>
internal sealed class HttpScan(HttpFetcher fetcher, Func<HttpPart, CancellationToken, Task<Spool>> fetch, IEnumerable<HttpPart> parts, int ahead, Func<HttpPart, int, bool>? picked) : IDocumentScan
{
    const string MediaType = "application/json";

    readonly Queue<(HttpPart Part, Task<Spool> Spool)> coming = [];
    readonly IEnumerator<HttpPart> left = parts.GetEnumerator();
    readonly CancellationTokenSource closing = new();
    (HttpPart Part, Spool Spool)? current;
    int index;
    bool waiting; // the spool stands on a document that found no room in the last batch

    public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        batch.Clear();
        while (batch.Count == 0)
        {
            if (current is null && !await AdvanceAsync(cancellation))
                return false;
            var (part, spool) = current!.Value;
            while (waiting || await spool.NextAsync(cancellation))
            {
                waiting = !batch.HasRoomFor(spool.Current.Length);
                if (waiting)
                    break;
                if (picked?.Invoke(part, index) != false)
                    Add(batch, part, spool);
                index++;
            }
            if (waiting)
                break;
            current = null;
            fetcher.GiveBack(spool);
        }
        return true;
    }

    void Add(DocumentBatch batch, HttpPart part, Spool spool)
    {
        batch.Position = part.Position(index);
        if (spool.Reason is { } reason)
            batch.AddRefused(spool.Current.Span, MediaType, batch.Position, reason);
        else
            batch.Add(spool.Current.Span);
    }

    async Task<bool> AdvanceAsync(CancellationToken cancellation)
    {
        FetchAhead();
        if (!coming.TryPeek(out var next))
            return false;
        var spool = await next.Spool.WaitAsync(cancellation);
        coming.Dequeue();
        (current, index) = ((next.Part, spool), 0);
        FetchAhead();
        return true;
    }

    void FetchAhead()
    {
        while (coming.Count < ahead && left.MoveNext())
        {
            var part = left.Current;
            coming.Enqueue((part, Task.Run(() => fetch(part, closing.Token))));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        foreach (var (_, spool) in coming)
        {
            await spool.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (spool.IsCompletedSuccessfully)
                fetcher.GiveBack(spool.Result);
        }
        coming.Clear();
        if (current is { } open)
            fetcher.GiveBack(open.Spool);
        current = null;
        left.Dispose();
    }
}
