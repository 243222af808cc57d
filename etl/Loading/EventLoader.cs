using System.Diagnostics;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>
/// Loads documents whose order says nothing of their keys: events, and sources that are read by position. What belongs together (a batch, a day,
/// a whole file) is one transaction: rows, derived tables, quarantine, kept messages, ledger and checkpoint, or nothing of them.
/// </summary>
public sealed class EventLoader : IAsyncDisposable
{
    readonly NpgsqlConnection connection;
    readonly Contract contract;
    readonly Dataset dataset;
    readonly Run run;
    readonly TimeProvider time;
    readonly BatchEncoder encoder;
    readonly EventSql sql;
    readonly MergeSql merge;
    readonly EventCopy copy;
    readonly DerivedWriter derived;
    readonly QuarantineWriter quarantine;
    readonly MessageStore? messages;
    readonly Func<ReadOnlyMemory<byte>, byte[]> positionOf;
    readonly QuarantineKeys keys;

    bool isPlain, expectsNew = true;
    EmptyTable? fill;

    NpgsqlTransaction? transaction;
    DocumentLedger books = null!;
    TableLedger[] tables = [];
    long began, staged;
    int refusedSoFar;
    bool hasRepeated;

    public EventLoader(NpgsqlConnection connection, Contract contract, Dataset dataset, Run run, TimeProvider time, IDocumentSource source, QuarantineKeys keys)
    {
        (this.connection, this.contract, this.dataset, this.run, this.time, this.keys) = (connection, contract, dataset, run, time, keys);
        positionOf = d => source.PositionOf(dataset, d.Span);
        encoder = new BatchEncoder(dataset, positionOf, keys);
        sql = new EventSql(dataset.RootTable, source.IsTransient);
        merge = new MergeSql(dataset.RootTable);
        copy = new EventCopy(connection);
        derived = new DerivedWriter(connection, dataset, contract.Pipeline, run, time);
        quarantine = new QuarantineWriter(contract.Pipeline, dataset, run, time);
        messages = source.IsTransient ? new MessageStore(connection, contract.Pipeline, dataset, run, time) : null;
    }

    /// <summary>Rewrite rows whatever their hash and version say.</summary>
    public bool Repairing { get; init; }

    /// <summary>Close the quarantine entries of documents that are accepted: where not everything is read, the end of a reading says nothing of them.</summary>
    public bool ResolvesAccepted { get; init; }

    /// <inheritdoc cref="SyncOptions.RememberedKeys"/>
    public int RememberedKeys { get; init; }

    public Drift Drift => encoder.Drift;

    public IReadOnlyDictionary<(string Rule, string Path), long> Warnings => encoder.Warnings;

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await connection.RunAsync(sql.CreateStage, cancellation);
        await derived.PrepareAsync(cancellation);
        isPlain = await connection.ScalarAsync<bool>($"SELECT ({merge.IsPlain(firstLoad: false)}) AND {merge.HasKey}", cancellation);
    }

    /// <summary>Takes documents into what is to be committed together.</summary>
    /// <param name="skipped">Documents, by number, outside of what was asked for; they are only counted.</param>
    /// <param name="versions">By number of the document.</param>
    /// <param name="isAlone">Nothing else comes to it: new rows need no stage.</param>
    /// <param name="partition">Where refused documents stood, for people.</param>
    public async Task AddAsync(DocumentBatch batch, int first, int end, bool[] skipped, RowVersion[] versions, bool isAlone, string partition, CancellationToken cancellation)
    {
        if (transaction is null)
        {
            fill = !isAlone && isPlain && expectsNew && !Repairing ? await EmptyTable.TryOpenAsync(connection, dataset.RootTable, run, RememberedKeys, cancellation) : null;
            await BeginAsync(cancellation);
        }
        for (int i = first; i < end; i++)
            books.Filtered += skipped[i] ? 1 : 0;
        if (messages is not null)
            books.Duplicate += await messages.KeepAsync(batch, first, end, skipped, cancellation);
        encoder.Encode(batch, everyShared: true, first, end, skipped);
        books.Read += end - first;
        books.Quarantined += encoder.Refused.Count;
        if (fill is not null && (encoder.Refused.Count > 0 || ResolvesAccepted))
            await fill.SentAsync();
        await QuarantineAsync(partition, cancellation);
        if (ResolvesAccepted)
            await quarantine.ResolveAsync(connection, encoder.AcceptedKeys(batch, skipped), cancellation);
        var rows = encoder.Rows(0);
        if (rows.Count == 0)
            return;
        if (fill is not null)
        {
            await fill.AddAsync(rows, versions, time.GetUtcNow(), cancellation);
            return;
        }
        bool repeats = !rows.Index();
        if (isAlone && isPlain && expectsNew && !repeats && !Repairing && await TryInsertAsync(rows, versions, cancellation))
            return;
        hasRepeated |= repeats || staged > 0;
        staged += rows.Count;
        await copy.StageAsync(sql, rows, versions, cancellation);
    }

    async Task BeginAsync(CancellationToken cancellation)
    {
        began = Stopwatch.GetTimestamp();
        transaction = await connection.BeginTransactionAsync(cancellation);
        books = new DocumentLedger(dataset.Name);
        tables = [.. dataset.AllTables.Select(t => new TableLedger(t))];
        (staged, refusedSoFar, hasRepeated) = (0, 0, false);
        encoder.Forget();
    }

    async Task QuarantineAsync(string partition, CancellationToken cancellation)
    {
        if (encoder.Refused.Count == 0)
            return;
        if (encoder.Keys.Count > 0)
            await copy.RefusedAsync(encoder.Keys, dataset.RootTable, refusedSoFar, cancellation);
        var held = fill is not null ? [] : (await connection.ListAsync<int>(sql.FindHeldBack, cancellation)).ToHashSet();
        int offset = refusedSoFar;
        await quarantine.WriteAsync(connection, encoder.Refused, partition, number => held.Contains(offset + number), cancellation);
        refusedSoFar += encoder.Refused.Max(r => r.Number) + 1;
    }

    /// <summary>Most events are new. Where one is not, the database says so, and all go by the stage.</summary>
    async Task<bool> TryInsertAsync(EncodedRows rows, RowVersion[] versions, CancellationToken cancellation)
    {
        const string before = "before_copy";
        await transaction!.SaveAsync(before, cancellation);
        try
        {
            await copy.InsertAsync(sql, rows, versions, run, time.GetUtcNow(), cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync(before, cancellation);
            expectsNew = false;
            return false;
        }
        foreach (var table in derived.Tables)
            await copy.TouchAsync(table, rows, cancellation);
        tables[0].Produced += rows.Count;
        tables[0].Inserted += rows.Count;
        books.Loaded += rows.Count;
        return true;
    }

    /// <summary>Whether documents were taken in that are not committed.</summary>
    public bool IsOpen => transaction is not null;

    /// <summary>Merges what was taken in, and commits it.</summary>
    /// <param name="isWhole">It is all that the source has: rows that it does not give are removed.</param>
    public async Task<(DocumentLedger Documents, IReadOnlyList<TableLedger> Tables)> CommitAsync(Checkpoint? checkpoint, bool isWhole, RowVersion version, CancellationToken cancellation)
    {
        if (transaction is null)
            await BeginAsync(cancellation);
        if (fill is not null)
        {
            await fill.SentAsync();
            await fill.CloseAsync(transaction!, books, tables[0], time.GetUtcNow(), cancellation);
            foreach (var follower in derived.Tables)
                await connection.RunAsync(follower.TouchAll, cancellation);
        }
        else if (staged > 0)
            await MergeAsync(cancellation);
        if (isWhole && fill is null)
            await RemoveAbsentAsync(version, cancellation);
        if (tables[0].Inserted + tables[0].Updated + tables[0].Removed > 0)
            await derived.WriteAsync(tables[1..], mayRemove: tables[0].Updated + tables[0].Removed > 0, version, cancellation);
        IEnumerable<NpgsqlBatchCommand> lines =
        [
            LedgerSql.AddBatch(run, dataset, books.Read, tables.Sum(t => t.Produced), Stopwatch.GetElapsedTime(began), time),
            .. LedgerSql.Add(run, books, tables),
        ];
        await (checkpoint?.WriteAsync(connection, run, time, lines, cancellation) ?? connection.RunAsync(lines, cancellation));
        if (staged > 0 && !isPlain && await connection.ScalarAsync<bool>(merge.HasTriggers, cancellation))
            await CheckTriggersAsync(cancellation);
        if (staged > 0 || fill is not null)
            await connection.RunAsync(sql.ClearStage, cancellation);
        await transaction!.CommitAsync(cancellation);
        await transaction.DisposeAsync();
        (transaction, fill) = (null, null);
        encoder.Remember();
        return (books, tables);
    }

    /// <summary>Leaves the connection in peace; what was not committed is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (fill is not null)
            await fill.SentAsync().ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Drops what was taken in: it was only a part of what belongs together, and comes again.</summary>
    public async Task AbandonAsync(CancellationToken cancellation)
    {
        if (transaction is null)
            return;
        if (fill is not null)
            await fill.SentAsync();
        await transaction.RollbackAsync(cancellation);
        await transaction.DisposeAsync();
        if (fill is not null)
            await fill.AbandonAsync(cancellation);
        (transaction, fill) = (null, null);
    }

    async Task MergeAsync(CancellationToken cancellation)
    {
        var table = tables[0];
        await connection.RunAsync(sql.AnalyzeStage, cancellation);
        if (hasRepeated)
            await foreach (var row in connection.RowsAsync(sql.KeepHighest, cancellation))
            {
                books.Duplicate += row.GetInt64(0);
                books.Superseded += row.GetInt64(1);
                staged -= row.GetInt64(0) + row.GetInt64(1);
            }
        long unchanged = 0, duplicate = 0, superseded = 0, known = staged;
        if (!Repairing)
        {
            await foreach (var row in connection.RowsAsync(sql.Compare, cancellation))
                (unchanged, duplicate, superseded, known) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
            if (duplicate > 0)
                await connection.RunAsync(sql.Raise, cancellation);
        }
        if (known == 0)
            await InsertAllAsync(table, cancellation);
        else if (unchanged + duplicate + superseded < staged)
        {
            foreach (var follower in derived.Tables)
                await connection.RunAsync(sql.TouchOld(follower, Repairing), cancellation);
            table.Updated += await connection.ScalarAsync<long>(sql.Update(Repairing, derived.Tables), cancellation, run.Id, time.GetUtcNow());
            await InsertAsync(table, cancellation);
        }
        expectsNew = unchanged + duplicate + superseded + table.Updated == 0;
        table.Unchanged += unchanged;
        table.Produced += staged - duplicate - superseded;
        books.Duplicate += duplicate;
        books.Superseded += superseded;
        books.Unchanged += unchanged;
        books.Loaded += staged - unchanged - duplicate - superseded;
    }

    async Task InsertAllAsync(TableLedger table, CancellationToken cancellation)
    {
        foreach (var follower in derived.Tables)
            await connection.RunAsync(sql.TouchAll(follower), cancellation);
        Count(table, await connection.RunAsync(sql.InsertAll, cancellation, run.Id, time.GetUtcNow()), staged);
    }

    async Task InsertAsync(TableLedger table, CancellationToken cancellation)
    {
        long inserted = 0, wanted = 0;
        await foreach (var row in connection.RowsAsync(sql.Insert(derived.Tables), cancellation, run.Id, time.GetUtcNow()))
            (inserted, wanted) = (row.GetInt64(0), row.GetInt64(1));
        Count(table, inserted, wanted);
    }

    static void Count(TableLedger table, long inserted, long wanted)
    {
        if (inserted != wanted)
            throw TableWriter.Discarded($"Table {table.Table.QualifiedName} took {inserted} of {wanted} new rows");
        table.Inserted += inserted;
    }

    async Task CheckTriggersAsync(CancellationToken cancellation)
    {
        if (await connection.ScalarAsync<long>(sql.CountStale, cancellation) is > 0 and var stale)
            throw TableWriter.Discarded($"Table {dataset.RootTable.QualifiedName} did not take {stale} changed rows");
    }

    async Task RemoveAbsentAsync(RowVersion version, CancellationToken cancellation) =>
        tables[0].Removed += await RemoveAsync(sql.Absent, version, cancellation);

    /// <summary>Removes rows of the events, and notes whose they were.</summary>
    async Task<long> RemoveAsync(string victims, RowVersion version, CancellationToken cancellation, params object[] more)
    {
        foreach (var follower in derived.Tables)
            await connection.RunAsync(follower.TouchPlaces(victims), cancellation, more);
        return await new TableWriter(connection, contract.Pipeline, run, time).RemoveAsync(merge.RemoveVictims(victims), dataset.RootTable, version, cancellation);
    }

    /// <summary>Writes documents anew, whatever hash and version of their rows say.</summary>
    /// <param name="fetch">Of the last reading: what is written now is no older than what it wrote.</param>
    public async Task<(DocumentLedger Documents, IReadOnlyList<TableLedger> Tables)> RewriteAsync(DocumentBatch batch, long fetch, RowVersion version, CancellationToken cancellation)
    {
        var order = new EventOrder(dataset, (uint)fetch, isTransient: false);
        var versions = new RowVersion[batch.Count];
        for (int i = 0; i < batch.Count; i++)
            versions[i] = order.Next(EventPosition.Of(batch.RefusedAt(i)?.Position ?? batch[i]));
        await AddAsync(batch, 0, batch.Count, new bool[batch.Count], versions, isAlone: false, Checkpoint.WholeRange, cancellation);
        return await CommitAsync(null, isWhole: false, version, cancellation);
    }

    /// <summary>Removes rows of the events by their keys, leaving tombstones; derived tables follow.</summary>
    /// <param name="keys">JSON objects, one a row.</param>
    public async Task<long> RemoveKeysAsync(IReadOnlyList<string> keys, RowVersion version, CancellationToken cancellation)
    {
        await BeginAsync(cancellation);
        foreach (var follower in derived.Tables)
            await connection.RunAsync(follower.TouchPlaces(merge.KeyVictims(1)), cancellation, Json(keys));
        tables[0].Removed = await new TableWriter(connection, contract.Pipeline, run, time).RemoveAsync(merge.RemoveKeys, dataset.RootTable, version, cancellation, Json(keys));
        return (await CommitAsync(null, isWhole: false, version, cancellation)).Tables[0].Removed;
    }

    static NpgsqlParameter Json(IReadOnlyList<string> objects) => new() { Value = $"[{string.Join(',', objects)}]", NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Jsonb };

    /// <summary>Makes the rows of certain entities of one derived table anew.</summary>
    /// <param name="entities">JSON objects of the table's own columns that say whose state a row is.</param>
    public Task DeriveAsync(DerivedTable table, IReadOnlyList<string> entities, RowVersion version, CancellationToken cancellation) =>
        DeriveAsync(t => t.Table == table ? connection.RunAsync(t.TouchGiven, cancellation, Json(entities)) : Task.CompletedTask, version, cancellation);

    /// <summary>Makes derived tables anew: for every entity, or for those that have events in a time.</summary>
    /// <param name="touch">Says which entities.</param>
    internal async Task<IReadOnlyList<TableLedger>> DeriveAsync(Func<DerivedSql, Task> touch, RowVersion version, CancellationToken cancellation)
    {
        await BeginAsync(cancellation);
        foreach (var table in derived.Tables)
            await touch(table);
        await derived.WriteAsync(tables[1..], mayRemove: true, version, cancellation);
        await LedgerSql.AddAsync(connection, run, books, tables, cancellation);
        await transaction!.CommitAsync(cancellation);
        await transaction.DisposeAsync();
        transaction = null;
        return tables;
    }
}
