using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>
/// What belongs together and comes to an empty table is copied straight into it while it has no key: each row is written once, and none is
/// looked up. Only rows whose key came before wait on the stage. The key is made when all is there, in the transaction of the rows; a table that
/// was left without it is given it by the next run.
/// </summary>
internal sealed class EmptyTable
{
    const string BeforeKey = "before_key";

    readonly NpgsqlConnection connection;
    readonly Table table;
    readonly Run run;
    readonly EventSql sql;
    readonly CopyAhead fresh = new(), repeated = new();
    Task sending = Task.CompletedTask;
    readonly SeenKeys seen;
    long copied, staged;

    EmptyTable(NpgsqlConnection connection, Table table, Run run, int remembered)
    {
        seen = new SeenKeys(remembered);
        (this.connection, this.table, this.run) = (connection, table, run);
        // Whoever comes again with the same content is a duplicate here: every row is of one reading.
        sql = new EventSql(table, isTransient: true);
    }

    /// <summary>Takes the key from a table that is empty, where nobody needs it. Outside of a transaction: nobody has to wait while the table is filled.</summary>
    /// <param name="remembered">Keys, of which those that come again are told at once.</param>
    /// <returns>Null: it is not empty, or the key must stay.</returns>
    public static async Task<EmptyTable?> TryOpenAsync(NpgsqlConnection connection, Table table, Run run, int remembered, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await connection.ScalarAsync<string>(FindKey(table), cancellation) is not { Length: > 0 } key)
            return null;
        try
        {
            await connection.RunAsync("SET LOCAL lock_timeout = '1s'", cancellation);
            await connection.RunAsync($"ALTER TABLE {table.Sql} DROP CONSTRAINT {Identifier.Quote(key)}", cancellation);
            await transaction.CommitAsync(cancellation);
            return new EmptyTable(connection, table, run, remembered);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DependentObjectsStillExist or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.LockNotAvailable)
        {
            return null; // there is the stage, which needs no right to the key and disturbs nobody
        }
    }

    /// <summary>
    /// The name of the table's key. None where it has rows, or where another index or use of the key would be in the way: a second unique or
    /// exclusion index, a replica identity, an order of rows that was asked for.
    /// </summary>
    static string FindKey(Table table) => $"""
        SELECT coalesce((SELECT k.conname::text FROM pg_constraint k JOIN pg_index i ON i.indexrelid = k.conindid
          WHERE k.conrelid = '{table.Sql.Replace("'", "''", StringComparison.Ordinal)}'::regclass AND k.contype = 'p' AND NOT i.indisreplident AND NOT i.indisclustered
            AND NOT EXISTS (SELECT 1 FROM pg_index o WHERE o.indrelid = i.indrelid AND o.indexrelid <> i.indexrelid AND (o.indisunique OR o.indisexclusion))
            AND NOT EXISTS (SELECT 1 FROM {table.Sql})), '')
        """;

    /// <summary>Takes rows in; they are sent while the caller goes on.</summary>
    public async Task AddAsync(EncodedRows rows, RowVersion[] versions, DateTimeOffset now, CancellationToken cancellation)
    {
        await SentAsync();
        fresh.Begin();
        repeated.Begin();
        int again = 0;
        for (int row = 0; row < rows.Count; row++)
            if (seen.Add(rows.Hasher.Key(rows.Fields(row))))
                EventCopy.WriteWhole(fresh.Buffer, rows, row, versions, run, now);
            else
            {
                EventCopy.WriteStaged(repeated.Buffer, rows, row, versions);
                again++;
            }
        copied += rows.Count - again;
        staged += again;
        sending = Task.Run(() => SendAsync(again > 0, cancellation), CancellationToken.None);
    }

    async Task SendAsync(bool withRepeated, CancellationToken cancellation)
    {
        await fresh.SendAsync(connection, sql.CopyIntoTable, cancellation);
        if (withRepeated)
            await repeated.SendAsync(connection, sql.CopyIntoStage, cancellation);
    }

    /// <summary>Waits until the connection is free.</summary>
    public Task SentAsync() => sending;

    /// <summary>The rows were rolled back: the table has its key again, as others expect it.</summary>
    public Task AbandonAsync(CancellationToken cancellation) => connection.RunAsync(TableSql.AddKey(table), cancellation);

    /// <summary>Makes the key, lets the highest version of each key win, and writes both books.</summary>
    public async Task CloseAsync(NpgsqlTransaction transaction, DocumentLedger books, TableLedger ledger, DateTimeOffset now, CancellationToken cancellation)
    {
        await connection.RunAsync("SET LOCAL maintenance_work_mem = '128MB'", cancellation);
        await MakeKeyAsync(transaction, books, cancellation);
        if (staged > 0)
            await MergeAsync(books, ledger, now, cancellation);
        ledger.Inserted += copied;
        ledger.Produced += ledger.Inserted;
        books.Loaded += ledger.Inserted;
    }

    /// <summary>Of more keys than are remembered, some may stand in the table twice.</summary>
    async Task MakeKeyAsync(NpgsqlTransaction transaction, DocumentLedger books, CancellationToken cancellation)
    {
        await transaction.SaveAsync(BeforeKey, cancellation);
        try
        {
            await connection.RunAsync(TableSql.AddKey(table), cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync(BeforeKey, cancellation);
            copied -= await KeepHighestAsync(table.Sql, books, cancellation);
            await connection.RunAsync(TableSql.AddKey(table), cancellation);
        }
    }

    async Task<long> KeepHighestAsync(string rows, DocumentLedger books, CancellationToken cancellation)
    {
        long dropped = 0;
        await foreach (var row in connection.RowsAsync(sql.KeepHighestIn(rows), cancellation))
        {
            books.Duplicate += row.GetInt64(0);
            books.Superseded += row.GetInt64(1);
            dropped += row.GetInt64(0) + row.GetInt64(1);
        }
        return dropped;
    }

    /// <summary>What came again is the same, or older, or takes the place of what was copied before it.</summary>
    async Task MergeAsync(DocumentLedger books, TableLedger ledger, DateTimeOffset now, CancellationToken cancellation)
    {
        // The table was written a moment ago and is in memory: looking its few repeated keys up costs less than reading it all, once for each question.
        await connection.RunAsync("SET LOCAL random_page_cost = 0.1", cancellation);
        await connection.RunAsync(sql.AnalyzeStage, cancellation);
        await KeepHighestAsync(sql.Stage, books, cancellation);
        await foreach (var row in connection.RowsAsync(sql.Compare, cancellation))
        {
            books.Duplicate += row.GetInt64(1);
            books.Superseded += row.GetInt64(2);
        }
        books.Superseded += await connection.ScalarAsync<long>(sql.Update(force: false, []), cancellation, run.Id, now);
        await foreach (var row in connection.RowsAsync(sql.Insert([]), cancellation, run.Id, now)) // two keys of one hash
            ledger.Inserted += row.GetInt64(0);
    }
}
