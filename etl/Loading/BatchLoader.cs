using System.Diagnostics;
using Etl.Contracts;
using Etl.Sources;
using Etl.Validation;
using Npgsql;

namespace Etl.Loading;

/// <summary>
/// Loads batches of one dataset: rows, quarantine, ledger and checkpoint in one transaction, or nothing of them.
/// One connection, one batch at a time.
/// </summary>
public sealed class BatchLoader
{
    readonly NpgsqlConnection connection;
    readonly Contract contract;
    readonly Dataset dataset;
    readonly Run run;
    readonly TimeProvider time;
    readonly MergeSql[] merges;
    readonly BatchEncoder encoder;
    readonly TableWriter writer;
    readonly QuarantineWriter quarantine;

    public BatchLoader(NpgsqlConnection connection, Contract contract, Dataset dataset, Run run, TimeProvider time, Func<ReadOnlyMemory<byte>, byte[]> positionOf)
    {
        (this.connection, this.contract, this.dataset, this.run, this.time) = (connection, contract, dataset, run, time);
        merges = [.. dataset.Tables.Select(t => new MergeSql(t))];
        encoder = new BatchEncoder(dataset, merges, positionOf);
        writer = new TableWriter(connection, contract.Pipeline, run, time);
        quarantine = new QuarantineWriter(contract.Pipeline, dataset, run, time);
    }

    /// <summary>Rewrite rows even where their hash says they are equal, and leave rows that vanished alone: a repair mends what differs, no more.</summary>
    public bool Repairing { get; init; }

    /// <summary>Whether the documents speak for shared dimensions too. In a repair only those do that were read for a dimension's sake:
    /// another document's older value must not win because it happened to be read.</summary>
    public bool FillsShared { get; init; } = true;

    string KeyNames => TableSql.Names(KeyColumns);

    IReadOnlyList<Column> KeyColumns => BatchEncoder.KeyColumns(dataset);

    /// <summary>Makes the session's staging tables. <paramref name="floor"/>: the last durable position of the scan, if it goes on from one.</summary>
    public async Task PrepareAsync(byte[]? floor, CancellationToken cancellation)
    {
        string keys = string.Join(", ", KeyColumns.Select(c => $"{Identifier.Quote(c.Name)} {c.SqlType}"));
        await connection.RunAsync($"DROP TABLE IF EXISTS pg_temp.{MergeSql.Documents}, pg_temp.{MergeSql.Changed}, pg_temp.{MergeSql.Floor}", cancellation);
        await connection.RunAsync($"CREATE TEMP TABLE {MergeSql.Documents} ({keys}, _hash uuid, _doc integer, _accepted boolean) ON COMMIT DELETE ROWS", cancellation);
        await connection.RunAsync($"CREATE TEMP TABLE {MergeSql.Changed} (_doc integer) ON COMMIT DELETE ROWS", cancellation);
        await connection.RunAsync($"CREATE TEMP TABLE {MergeSql.Floor} ({keys})", cancellation);
        foreach (var merge in merges)
        {
            await connection.RunAsync($"DROP TABLE IF EXISTS pg_temp.{merge.Stage}", cancellation);
            await connection.RunAsync(merge.CreateStage, cancellation);
        }
        if (floor is null || !encoder.EncodeKey(floor))
            return;
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await encoder.SendAsync(connection, cancellation);
        await MoveFloorAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    Task MoveFloorAsync(CancellationToken cancellation) => connection.RunAsync($"""
        WITH last AS (SELECT {KeyNames} FROM {MergeSql.Documents} ORDER BY {KeyNames} DESC LIMIT 1), old AS (DELETE FROM {MergeSql.Floor} WHERE EXISTS (SELECT 1 FROM last))
        INSERT INTO {MergeSql.Floor} SELECT * FROM last
        """, cancellation);

    /// <summary>Loads one batch and moves the checkpoint, if there is one.</summary>
    /// <returns>The books of the batch.</returns>
    public async Task<(DocumentLedger Documents, IReadOnlyList<TableLedger> Tables)> LoadAsync(DocumentBatch batch, Checkpoint? checkpoint, RowVersion version, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        encoder.Encode(batch);
        var books = new DocumentLedger(dataset.Name) { Read = batch.Count };
        var tables = dataset.Tables.Select(t => new TableLedger(t)).ToArray();

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await encoder.SendAsync(connection, cancellation);
        await DropRepeatedAsync(books, cancellation);
        if (checkpoint is not null && !Repairing)
            await RemoveGoneAsync(tables, version, toTheEnd: false, cancellation); // first: who is gone claims nothing
        await RefuseConflictsAsync(batch, cancellation);
        if (!Repairing)
            await RemoveVanishedAsync(tables, version, cancellation);
        for (int i = 0; i < merges.Length; i++)
            await MergeAsync(merges[i], tables[i], version, cancellation);
        await quarantine.WriteAsync(connection, encoder.Refused, cancellation);
        if (Repairing) // a scan settles this when it ends; a repair has only these documents
            await quarantine.ResolveAsync(connection, encoder.AcceptedKeys(batch), cancellation);

        books.Quarantined = encoder.Refused.Count;
        books.Loaded = await connection.ScalarAsync<long>($"SELECT count(DISTINCT _doc) FROM {MergeSql.Changed}", cancellation);
        books.Unchanged = books.Read - books.Loaded - books.Quarantined - books.Duplicate - books.Superseded;
        await LedgerSql.AddAsync(connection, run, books, tables, cancellation);
        await LedgerSql.AddBatchAsync(connection, run, dataset, batch.Count, tables.Sum(t => t.Produced), Stopwatch.GetElapsedTime(began), time, cancellation);
        if (checkpoint is not null)
        {
            await MoveFloorAsync(cancellation);
            await checkpoint.WriteAsync(connection, run, time, cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return (books, tables);
    }

    /// <summary>A document that came twice in one batch counts once: the later one stays.</summary>
    async Task DropRepeatedAsync(DocumentLedger books, CancellationToken cancellation)
    {
        string on = string.Join(" AND ", KeyColumns.Select(c => $"later.{Identifier.Quote(c.Name)} = earlier.{Identifier.Quote(c.Name)}"));
        var dropped = new List<int>();
        await foreach (var row in connection.RowsAsync($"""
            DELETE FROM {MergeSql.Documents} earlier USING {MergeSql.Documents} later WHERE {on} AND earlier._doc < later._doc
            RETURNING earlier._doc, earlier._hash = later._hash
            """, cancellation))
        {
            if (dropped.Contains(row.GetInt32(0)))
                continue;
            dropped.Add(row.GetInt32(0));
            if (row.GetBoolean(1))
                books.Duplicate++;
            else
                books.Superseded++;
        }
        encoder.Refused.RemoveAll(r => dropped.Contains(r.Number));
        await UnstageAsync(dropped, cancellation);
    }

    async Task UnstageAsync(List<int> numbers, CancellationToken cancellation)
    {
        if (numbers.Count == 0)
            return;
        foreach (var merge in merges)
            await connection.RunAsync(merge.Unstage, cancellation, numbers.ToArray());
    }

    /// <summary>
    /// Refuses documents that claim a key which another document has. A claim counts only while its document stands:
    /// so those are refused first whose opponents are sure to stay, then it is looked again, until nobody is in conflict.
    /// </summary>
    async Task RefuseConflictsAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        while (true)
        {
            var conflicts = new List<(int Number, int? Opponent, Violation Violation)>();
            for (int i = 0; i < merges.Length; i++)
                if (merges[i].CanConflict && encoder.Fills(i))
                    await foreach (var row in connection.RowsAsync(merges[i].FindConflicts(withTable: !Repairing), cancellation))
                        conflicts.Add((row.GetInt32(0), row.IsDBNull(3) ? null : row.GetInt32(3), Conflict(dataset.Tables[i], row.GetString(1), row.GetString(2))));
            if (conflicts.Count == 0)
                return;
            var unsure = conflicts.Select(c => c.Number).ToHashSet();
            var losers = conflicts.Where(c => c.Opponent is not { } opponent || opponent == c.Number || !unsure.Contains(opponent))
                .GroupBy(c => c.Number).ToDictionary(g => g.Key, g => g.Select(c => c.Violation).Distinct().ToArray());
            foreach (var (number, violations) in losers)
                encoder.Refused.Add(encoder.Refuse(batch, number, violations));
            await UnstageAsync([.. losers.Keys], cancellation);
            await connection.RunAsync($"UPDATE {MergeSql.Documents} SET _accepted = false WHERE _doc = ANY ($1)", cancellation, losers.Keys.ToArray());
        }
    }

    static Violation Conflict(Table table, string key, string owner)
    {
        string path = table.Source.Path + "." + string.Join(", ", table.Key.Select(c => c.Field!.Name));
        if (table.Key.Any(c => c.IsPersonal))
            key = "***";
        if (table.DocumentKey.Any(c => c.IsPersonal))
            owner = "***";
        return new Violation(RuleNames.KeyConflict, path, key, $"'{path}' {key} already belongs to document {owner}; a row of {table.QualifiedName} has one owner.");
    }

    async Task RemoveGoneAsync(TableLedger[] tables, RowVersion version, bool toTheEnd, CancellationToken cancellation)
    {
        bool hasFloor = await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {MergeSql.Floor})", cancellation);
        for (int i = 0; i < merges.Length; i++)
            if (!tables[i].Table.IsShared)
                tables[i].Removed += await writer.RemoveAsync(merges[i].RemoveGone(hasFloor, toTheEnd), tables[i].Table, version, cancellation);
    }

    async Task RemoveVanishedAsync(TableLedger[] tables, RowVersion version, CancellationToken cancellation)
    {
        for (int i = 0; i < merges.Length; i++)
            if (tables[i].Table.Kind is TableKind.Nested or TableKind.Child)
                tables[i].Removed += await writer.RemoveAsync(merges[i].RemoveVanished, tables[i].Table, version, cancellation);
    }

    async Task MergeAsync(MergeSql merge, TableLedger books, RowVersion version, CancellationToken cancellation)
    {
        long staged = await connection.ScalarAsync<long>(merge.CountStage, cancellation);
        books.Produced = staged;
        if (books.Table.IsShared)
        {
            if (FillsShared)
                await connection.RunAsync(merge.AddCandidates, cancellation, run.Id);
            books.Merged = staged;
        }
        else if (staged > 0)
            await writer.WriteAsync(merge, books, staged, version, Repairing, cancellation);
    }

    /// <summary>Ends a scan: removes what lies behind its last document, settles the shared dimensions, closes quarantine entries that no longer hold.</summary>
    /// <returns>What it did, by table, and the shared keys on whose values documents disagree.</returns>
    public async Task<(IReadOnlyList<TableLedger> Tables, IReadOnlyList<DisputedKey> Disputed)> FinishAsync(Checkpoint checkpoint, CancellationToken cancellation)
    {
        var tables = dataset.Tables.Select(t => new TableLedger(t)).ToArray();
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RemoveGoneAsync(tables, checkpoint.Version, toTheEnd: true, cancellation);
        var disputed = await SettleSharedAsync(tables, checkpoint.Version, cancellation);
        // What this scan did not refuse again is mended or gone.
        await connection.RunAsync("UPDATE quality.quarantine SET state = 'resolved' WHERE pipeline = $1 AND dataset = $2 AND state = 'open' AND last_run < $3",
            cancellation, contract.Pipeline, dataset.Name, checkpoint.FirstRun);
        await LedgerSql.AddAsync(connection, run, new DocumentLedger(dataset.Name), tables, cancellation);
        await checkpoint.WriteAsync(connection, run, time, cancellation);
        await transaction.CommitAsync(cancellation);
        return (tables, disputed);
    }

    /// <summary>Settles what a repair has gathered for shared dimensions.</summary>
    public async Task<IReadOnlyList<TableLedger>> FinishRepairAsync(RowVersion version, CancellationToken cancellation)
    {
        var tables = dataset.Tables.Select(t => new TableLedger(t)).ToArray();
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await SettleSharedAsync(tables, version, cancellation);
        await LedgerSql.AddAsync(connection, run, new DocumentLedger(dataset.Name), tables, cancellation);
        await transaction.CommitAsync(cancellation);
        return tables;
    }

    /// <summary>Removes rows by their keys, leaving tombstones.</summary>
    /// <param name="keys">JSON objects, one a row: {"user_id": "…"}.</param>
    public async Task<TableLedger> RemoveKeysAsync(Table table, IReadOnlyList<string> keys, RowVersion version, CancellationToken cancellation)
    {
        var books = new TableLedger(table);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        books.Removed = await writer.RemoveAsync(new MergeSql(table).RemoveKeys, table, version, cancellation,
            new NpgsqlParameter { Value = $"[{string.Join(',', keys)}]", NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Jsonb });
        await LedgerSql.AddAsync(connection, run, new DocumentLedger(dataset.Name), [books], cancellation);
        await transaction.CommitAsync(cancellation);
        return books;
    }

    async Task<IReadOnlyList<DisputedKey>> SettleSharedAsync(TableLedger[] tables, RowVersion version, CancellationToken cancellation)
    {
        var disputed = new List<DisputedKey>();
        for (int i = 0; i < merges.Length; i++)
        {
            if (tables[i].Table.IsShared)
                disputed.AddRange(await writer.SettleAsync(merges[i], tables[i], version, Repairing, cancellation));
        }
        return disputed;
    }
}
