using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>
/// One find, read batch by batch on the thread pool, because the driver blocks. A cursor that is lost is opened again behind the last
/// document handed out, so that each document is handed out once, in order, or the scan fails by name.
/// </summary>
/// <remarks>Where ids are not unique (some views, orphans of a sharded cluster) a reopened scan may hand out documents of the last id again; it skips none.</remarks>
/// <param name="name">Of the collection.</param>
/// <param name="after">The position behind which reading begins; null: at the beginning of the query's range.</param>
internal sealed class MongoScan(MongoConnection connection, MongoRetry retry, MongoCatalog catalog, string name, RangeQuery query, byte[]? after) : IDocumentScan
{
    const string MediaType = "application/bson";

    /// <summary>How long closing waits for the server to drop the cursor; a stuck one is not waited for.</summary>
    static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    MongoCursor? cursor;
    byte[]? last = after; // position of what was handed out last
    int nameless; // refused documents handed out behind it
    long documents, lost;
    bool proven, reopening; // the cursor has given something; it takes the place of a lost one
    bool waiting, ended; // the cursor stands on a document that found no room in the last batch; there are no more
    bool reading, cancelled, disposed;

    /// <remarks>A cancelled read returns at once and ends the scan. Its batch must not be used again: the driver may hold on to it until the socket's time-out.</remarks>
    public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (reading || cancelled)
                throw new InvalidOperationException($"The scan of '{name}' {(cancelled ? "was cancelled: open another." : "is being read: await one batch before asking for the next.")}");
            reading = true;
        }
        try
        {
            return await FillAsync(batch, cancellation).WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            cancelled = true; // what the batch held may not have been seen: reading on would skip it
            throw;
        }
    }

    async Task<bool> FillAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        long began = connection.Options.Time.GetTimestamp();
        int attempts = 0;
        try
        {
            batch.Clear();
            if (!ended)
                await retry.ScanAsync(async token =>
                {
                    attempts++;
                    await ReadOnceAsync(batch, token);
                }, cancellation);
            documents += batch.Count;
            return batch.Count > 0;
        }
        catch (MongoException e)
        {
            if (e.IsPassing)
                connection.Effort.GaveUp();
            throw MongoFailures.Scan(e, connection.Address, name, documents, lost, attempts, connection.Options.Time.GetElapsedTime(began));
        }
        finally
        {
            await LeaveAsync();
        }
    }

    async Task ReadOnceAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        if (cursor is null)
        {
            if (last is { Length: <= BsonReader.SmallestDocument } && documents > 0)
                throw new UnavailableException($"The cursor on '{name}' was lost behind {documents:N0} documents, and cannot be opened again there: they have no _id to go by. Start again.");
            cursor = await catalog.OpenAsync(name, query, last, cancellation);
        }
        try
        {
            await Task.Run(() => Read(batch, cancellation), CancellationToken.None);
        }
        catch (MongoException e) when (e.IsWithoutMajority && catalog.ForgoMajority())
        {
            await ReadOnceAsync(batch, cancellation);
        }
    }

    void Read(DocumentBatch batch, CancellationToken cancellation)
    {
        int lastNamed = -1;
        try
        {
            while (waiting || Next())
            {
                cancellation.ThrowIfCancellationRequested();
                var document = cursor!.Current;
                waiting = !batch.HasRoomFor(document.Length);
                if (waiting)
                    break;
                if (Add(batch, document))
                    lastNamed = batch.Count - 1;
            }
            ended = !waiting;
        }
        catch (MongoException e)
        {
            Lose();
            if (!e.IsPassing || batch.Count == 0)
                throw;
            // What came before the failure is handed out now; the next read opens the cursor again behind it.
        }
        if (lastNamed >= 0)
            (last, nameless) = (DocumentId.PositionOf(batch[lastNamed]), 0);
        nameless += batch.Count - 1 - lastNamed;
        if (batch.Count > 0)
            batch.Position = last;
    }

    /// <summary>The one copy of a document that is made.</summary>
    /// <returns>Whether it has a position; otherwise it is refused.</returns>
    internal static bool Add(DocumentBatch batch, ReadOnlySpan<byte> document)
    {
        if (DocumentId.Problem(document) is not { } problem)
        {
            batch.Add(document);
            return true;
        }
        batch.AddRefused(document, MediaType, DocumentId.None, problem);
        return false;
    }

    /// <summary>Moves to the next document that was not handed out before.</summary>
    bool Next()
    {
        bool found = cursor!.Next();
        if (proven)
            return found;
        proven = true;
        if (reopening)
            connection.Effort.Reopened();
        reopening = false;
        // The bound includes the last document, if it still exists; only the first can be it. Then come those that have no position of their own.
        if (found && last is not null && DocumentId.Problem(cursor.Current) is null && DocumentId.PositionOf(cursor.Current).AsSpan().SequenceEqual(last))
            found = cursor.Next();
        for (int i = 0; i < nameless && found && DocumentId.Problem(cursor.Current) is not null; i++)
            found = cursor.Next();
        return found;
    }

    void Lose()
    {
        if (proven)
            (lost, reopening) = (lost + 1, true);
        (proven, waiting) = (false, false);
        cursor?.Dispose();
        cursor = null;
    }

    /// <summary>The driver is out of our hands; whoever closed the scan meanwhile left the closing to us.</summary>
    async Task LeaveAsync()
    {
        bool close;
        lock (gate)
            (reading, close) = (false, disposed);
        if (close)
            await CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        bool close;
        lock (gate)
            (close, disposed) = (!reading && !disposed, true);
        if (close)
            await CloseAsync();
    }

    async Task CloseAsync()
    {
        if (cursor is not { } open)
            return;
        cursor = null;
        await Task.WhenAny(Task.Run(open.Dispose), Task.Delay(ClosingTime, connection.Options.Time));
    }
}
