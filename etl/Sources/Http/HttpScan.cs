namespace Etl.Sources.Http;

/// <summary>
/// Hands out parts one after the other, while the next are fetched: each once it is there whole, or, to a reader that can drop what it was given,
/// while it comes. A batch holds documents of one part only.
/// </summary>
/// <param name="picked">Which elements of a part are wanted; null: all.</param>
internal sealed class HttpScan(HttpFetcher fetcher, Func<HttpPart, Spool, CancellationToken, Task> fetch, IEnumerable<HttpPart> parts, int ahead, Func<HttpPart, int, bool>? picked) : IDocumentScan
{
    const string MediaType = "application/json";

    /// <param name="Done">Ends when all is in the spool; fails where it cannot be had.</param>
    sealed record Fetched(HttpPart Part, Spool Spool, Task Done);

    readonly Queue<Fetched> coming = [];
    readonly IEnumerator<HttpPart> left = parts.GetEnumerator();
    readonly CancellationTokenSource closing = new();
    Fetched? current;
    int index;
    bool waiting; // the spool stands on a document that found no room in the last batch
    bool handedOut; // documents of the part at hand
    bool mayRestart;

    /// <summary>Only of a day, which is merged as a whole.</summary>
    public void AllowRestarts() => mayRestart = true;

    public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        batch.Clear();
        while (batch.Count == 0 && (current is not null || await AdvanceAsync(cancellation)))
            if (!await FillAsync(batch, current!, cancellation))
                await EndPartAsync(current!, cancellation);
        handedOut |= batch.Count > 0 && current is not null;
        return batch.Count > 0 || batch.Restarts;
    }

    /// <returns>False when the part has no more.</returns>
    async Task<bool> FillAsync(DocumentBatch batch, Fetched part, CancellationToken cancellation)
    {
        while (true)
        {
            if (!waiting)
                switch (await part.Spool.NextAsync(cancellation))
                {
                    case Spool.Next.End:
                        return false;
                    case Spool.Next.Restarted:
                        batch.Clear();
                        (batch.Restarts, index) = (handedOut, 0);
                        continue;
                }
            waiting = !batch.HasRoomFor(part.Spool.Current.Length);
            if (waiting)
                return true;
            if (picked?.Invoke(part.Part, index) != false)
                Add(batch, part);
            index++;
        }
    }

    void Add(DocumentBatch batch, Fetched part)
    {
        batch.Position = part.Part.Position(index);
        if (part.Spool.Reason is { } reason)
            batch.AddRefused(part.Spool.Current.Span, MediaType, batch.Position, reason);
        else
            batch.Add(part.Spool.Current.Span);
    }

    async Task<bool> AdvanceAsync(CancellationToken cancellation)
    {
        FetchAhead();
        if (!coming.TryPeek(out var next))
            return false;
        if (!mayRestart || next.Part.Day is null)
            await next.Done.WaitAsync(cancellation);
        next.Spool.Rewind();
        (current, index, handedOut) = (coming.Dequeue(), 0, false);
        FetchAhead();
        return true;
    }

    async Task EndPartAsync(Fetched part, CancellationToken cancellation)
    {
        await part.Done.WaitAsync(cancellation);
        current = null;
        fetcher.GiveBack(part.Spool);
    }

    void FetchAhead()
    {
        while (coming.Count + (current is { Done.IsCompleted: false } ? 1 : 0) < ahead && left.MoveNext())
        {
            var (part, spool) = (left.Current, fetcher.NewSpool());
            coming.Enqueue(new Fetched(part, spool, Task.Run(() => fetch(part, spool, closing.Token))));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        if (current is not null)
            coming.Enqueue(current);
        foreach (var part in coming)
        {
            await part.Done.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            fetcher.GiveBack(part.Spool);
        }
        coming.Clear();
        current = null;
        left.Dispose();
    }
}
