using System.Diagnostics;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Etl.Validation;
using Npgsql;

namespace Etl.Loading;

/// <summary>
/// Loads batches of one range of a dataset, in order: rows, quarantine, ledger and checkpoint in one transaction, or nothing of them.
/// One connection, one batch at a time.
/// </summary>
public sealed class BatchLoader
{
    /// <summary>A batch that another worker's rows or locks stood against is tried again so often; then it is the database that says no.</summary>
    const int MaxAttempts = 5;

    static readonly IReadOnlyDictionary<int, Violation> NoneTooLong = new Dictionary<int, Violation>();

    readonly LoadSession session;
    readonly PlainLoad plain;
    byte[] floor = [], ceiling = [];
    bool floorIsLoaded, isPrepared;

    public BatchLoader(NpgsqlConnection connection, Contract contract, Dataset dataset, Run run, TimeProvider time, Func<ReadOnlyMemory<byte>, byte[]> positionOf, QuarantineKeys keys)
    {
        session = new LoadSession(connection, contract, dataset, run, time, positionOf, keys);
        plain = new PlainLoad(session);
    }

    /// <summary>Rewrite rows even where their hash says they are equal, and leave rows that vanished alone: a repair mends what differs, no more.</summary>
    public bool Repairing { get; init; }

    /// <summary>Whether the documents speak for shared dimensions too. In a repair only those do that were read for a dimension's sake:
    /// another document's older value must not win because it happened to be read.</summary>
    public bool FillsShared { get; init; } = true;

    /// <summary>The tables had no rows when the scan began, so none need be looked for.</summary>
    public bool IsFirstLoad { get; init; }

    /// <summary>
    /// Commits need not wait for the disk: a server that dies takes a batch and its checkpoint together, and the run's end, which waits, makes all before it durable.
    /// Not for sources that forget a document once they are told that it is kept.
    /// </summary>
    public bool CommitsLazily { get; init; }

    /// <summary>Whether a document claimed a key that another had. Among several workers it is chance who came first; then the dataset is to be read again by one.</summary>
    public bool IsContested { get; private set; }

    /// <summary>What the contract does not know of the documents that were committed.</summary>
    public Drift Drift => session.Encoder.Drift;

    /// <summary>Rules that only warn, by rule and path: how often committed documents broke them.</summary>
    public IReadOnlyDictionary<(string Rule, string Path), long> Warnings => session.Encoder.Warnings;

    /// <summary>Begins a range; the first time, makes the session's staging tables.</summary>
    /// <param name="range">What is to be read.</param>
    /// <param name="after">The last durable position in it, if the scan goes on from one.</param>
    public async Task PrepareAsync(ScanRange range, byte[]? after, CancellationToken cancellation)
    {
        if (!isPrepared)
        {
            await session.PrepareAsync(IsFirstLoad, cancellation);
            if (CommitsLazily)
                await session.Connection.RunAsync("SET synchronous_commit = off", cancellation);
            isPrepared = true;
        }
        floor = (after ?? range.From) is { } position ? session.Encoder.EncodeKey(position) : [];
        floorIsLoaded = after is not null;
        ceiling = range.To is { } end ? session.Encoder.EncodeKey(end) : [];
        if (floor.Length > 0 && ceiling.Length > 0 && session.Encoder.Keys.Compare(floor, ceiling) >= 0)
            throw Disorder();
    }

    /// <summary>Whether the tables can tell where a position lies.</summary>
    public bool CanFind(byte[] position) => session.Encoder.EncodeKey(position).Length > 0;

    /// <summary>Loads one batch and moves the checkpoint, if there is one.</summary>
    /// <returns>The books of the batch.</returns>
    /// <param name="skipped">By number: documents that were not asked for; their rows stay as they are. Null: none.</param>
    public async Task<(DocumentLedger Documents, IReadOnlyList<TableLedger> Tables)> LoadAsync(DocumentBatch batch, Checkpoint? checkpoint, RowVersion version, CancellationToken cancellation, bool[]? skipped = null)
    {
        bool careful = Repairing || !session.IsPlain;
        var tooLong = NoneTooLong;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (await TryAsync(batch, careful, tooLong, checkpoint, version, skipped, cancellation) is { } books)
                    return books;
                careful = true;
            }
            catch (PostgresException e) when (attempt < MaxAttempts && e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected)
            {
                (careful, IsContested) = (true, true);
            }
            catch (PostgresException e) when (tooLong.Count == 0 && e.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
            {
                session.Encoder.Forget();
                session.Encoder.Encode(batch, everyShared: true, 0, batch.Count, skipped); // whoever gives the row, not only the first
                tooLong = await new RowTrial(session).FindTooLongAsync(cancellation);
                if (tooLong.Count == 0)
                    throw;
            }
        }
    }

    async Task<(DocumentLedger Documents, IReadOnlyList<TableLedger> Tables)?> TryAsync(DocumentBatch batch, bool careful, IReadOnlyDictionary<int, Violation> tooLong, Checkpoint? checkpoint, RowVersion version, bool[]? skipped, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        var (connection, encoder) = (session.Connection, session.Encoder);
        encoder.Forget();
        encoder.Encode(batch, everyShared: careful, 0, batch.Count, skipped, tooLong);
        byte[] last = encoder.Keys.Last.ToArray();
        if (checkpoint is not null && last.Length > 0 && !IsInOrder(last))
            throw Disorder();
        var bounds = checkpoint is null || last.Length == 0 ? (ScanBounds?)null : new ScanBounds(Low, Bound.Inclusive);
        var books = new DocumentLedger(session.Dataset.Name) { Read = batch.Count };
        var tables = session.Dataset.Tables.Select(t => new TableLedger(t)).ToArray();

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (bounds is not null && (careful || !IsFirstLoad))
            await session.SetBoundsAsync(floor, last, cancellation);
        if (careful)
        {
            int refused = encoder.Refused.Count;
            books.Loaded = await new CarefulLoad(session, Repairing, FillsShared).RunAsync(batch, bounds, books, tables, version, cancellation);
            IsContested |= encoder.Refused.Count > refused;
            var held = encoder.Refused.Count == 0 ? [] : await session.Quarantine.FindHeldBackAsync(connection, encoder.Refused, cancellation);
            encoder.DropRepeatedRefusals(books);
            await session.Quarantine.WriteAsync(connection, encoder.Refused, checkpoint?.Partition ?? Checkpoint.WholeRange, held.Contains, cancellation);
        }
        else
        {
            if (!await plain.TryAsync(batch.Count, IsFirstLoad ? null : bounds, tables, version, cancellation))
            {
                IsContested = true;
                return null;
            }
            books.Loaded = plain.Changed.Count(true);
            encoder.DropRepeatedRefusals(books);
            await session.Quarantine.WriteAsync(connection, encoder.Refused, checkpoint?.Partition ?? Checkpoint.WholeRange, plain.IsHeldBack, cancellation);
        }
        if (Repairing || skipped is not null) // a scan of everything settles this when it ends; a repair has only these documents
            await session.Quarantine.ResolveAsync(connection, encoder.AcceptedKeys(batch, skipped), cancellation);

        books.Quarantined = encoder.Refused.Count;
        books.Filtered = skipped is null ? 0 : skipped.AsSpan(0, batch.Count).Count(true);
        books.Unchanged = books.Read - books.Loaded - books.Quarantined - books.Duplicate - books.Superseded - books.Filtered;
        IEnumerable<NpgsqlBatchCommand> lines =
        [
            LedgerSql.AddBatch(session.Run, session.Dataset, batch.Count, tables.Sum(t => t.Produced), Stopwatch.GetElapsedTime(began), session.Time),
            .. LedgerSql.Add(session.Run, books, tables),
        ];
        await (checkpoint?.WriteAsync(connection, session.Run, session.Time, lines, cancellation) ?? connection.RunAsync(lines, cancellation));
        await transaction.CommitAsync(cancellation);
        encoder.Remember();
        if (checkpoint is not null && last.Length > 0)
            (floor, floorIsLoaded) = (last, true);
        return (books, tables);
    }

    /// <summary>Rows between two documents are taken for those of documents that are gone. In another order they would be those of documents that come later.</summary>
    bool IsInOrder(byte[] last)
    {
        var keys = session.Encoder.Keys;
        return !keys.Descends && (floor.Length == 0 || keys.Compare(keys[0], floor) >= 0) && (ceiling.Length == 0 || keys.Compare(last, ceiling) < 0);
    }

    UnavailableException Disorder() =>
        new($"The documents of '{session.Dataset.Name}' do not come in the byte order of their _id: probably '{session.Dataset.SourceName}' was made with a collation, and this user may not see that. Rows whose documents are gone are found by that order, so nothing more was loaded. "
            + $"Grant the user the role 'read' on the database; or read through a view, which has no collation of its own: db.createView(\"{session.Dataset.SourceName}_by_bytes\", \"{session.Dataset.SourceName}\", []).");

    Bound Low => floor.Length == 0 ? Bound.None : floorIsLoaded ? Bound.Exclusive : Bound.Inclusive;

    /// <summary>Ends a range: removes what lies behind its last document.</summary>
    public async Task<IReadOnlyList<TableLedger>> FinishRangeAsync(Checkpoint checkpoint, RowVersion version, CancellationToken cancellation)
    {
        var tables = session.Dataset.Tables.Select(t => new TableLedger(t)).ToArray();
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
        if (!IsFirstLoad)
        {
            await session.SetBoundsAsync(floor, ceiling, cancellation);
            await new CarefulLoad(session, Repairing, FillsShared).RemoveGoneAsync(new ScanBounds(Low, ceiling.Length > 0 ? Bound.Exclusive : Bound.None), tables, version, cancellation);
        }
        await (checkpoint with { Complete = true }).WriteAsync(session.Connection, session.Run, session.Time, LedgerSql.Add(session.Run, new DocumentLedger(session.Dataset.Name), tables), cancellation);
        await transaction.CommitAsync(cancellation);
        return tables;
    }

    /// <summary>Brings what was gathered for shared dimensions into their tables.</summary>
    /// <param name="also">What else belongs into the transaction.</param>
    /// <returns>What it did, by table, and the shared keys on whose values documents disagree.</returns>
    public async Task<(IReadOnlyList<TableLedger> Tables, IReadOnlyList<DisputedKey> Disputed)> SettleAsync(RowVersion version, Func<Task> also, CancellationToken cancellation)
    {
        var tables = session.Dataset.Tables.Select(t => new TableLedger(t)).ToArray();
        var disputed = new List<DisputedKey>();
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
        for (int i = 0; i < tables.Length; i++)
            if (tables[i].Table.IsShared)
                disputed.AddRange(await session.Writer.SettleAsync(session.Merges[i], tables[i], version, Repairing, cancellation));
        await LedgerSql.AddAsync(session.Connection, session.Run, new DocumentLedger(session.Dataset.Name), tables, cancellation);
        await also();
        await transaction.CommitAsync(cancellation);
        return (tables, disputed);
    }

    /// <summary>Removes rows by their keys, leaving tombstones.</summary>
    /// <param name="keys">JSON objects, one a row: {"user_id": "…"}.</param>
    public async Task<TableLedger> RemoveKeysAsync(Table table, IReadOnlyList<string> keys, RowVersion version, CancellationToken cancellation)
    {
        var books = new TableLedger(table);
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
        books.Removed = await session.Writer.RemoveAsync(new MergeSql(table).RemoveKeys, table, version, cancellation,
            new NpgsqlParameter { Value = $"[{string.Join(',', keys)}]", NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Jsonb });
        await LedgerSql.AddAsync(session.Connection, session.Run, new DocumentLedger(session.Dataset.Name), [books], cancellation);
        await transaction.CommitAsync(cancellation);
        return books;
    }
}
