using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Tables are loaded first without their keys, which is faster, and get them when the scan ends.</summary>
internal static class KeyMaking
{
    /// <summary>Makes the keys and indexes that the dataset's tables lack.</summary>
    /// <returns>Rows that were taken out again, by table: those of every document that another document disputes a key with, or that came twice;
    /// and how many documents these are. When there are any, the dataset is to be read again by one worker, which settles it.</returns>
    public static async Task<(long Documents, IReadOnlyList<TableLedger> Removed)> CompleteAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation)
    {
        var removed = dataset.Tables.Where(t => !t.IsShared).Select(t => new TableLedger(t)).ToArray();
        long documents = 0;
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
        {
            if (await connection.ScalarAsync<bool>($"SELECT {new MergeSql(table).HasKey} OR NOT {new MergeSql(table).CanHaveKey}", cancellation))
                continue;
            while (!await TryAsync(connection, table, cancellation))
                documents += await RemoveDisputedAsync(connection, table, removed, cancellation);
        }
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
            await MakeIndexAsync(connection, table, cancellation);
        return (documents, removed);
    }

    /// <summary>
    /// Gives tables that are not loaded first without a key the keys and indexes that they lack: because they are new in a dataset whose others
    /// have rows, or because somebody dropped them.
    /// </summary>
    /// <returns>Keys that cannot be made: rows share one, or have none; or the role may not.</returns>
    public static async Task<IReadOnlyList<CheckResult>> RestoreAsync(NpgsqlConnection connection, IEnumerable<Table> tables, CancellationToken cancellation)
    {
        var lost = new List<CheckResult>();
        foreach (var table in tables)
        {
            var merge = new MergeSql(table);
            try
            {
                // Both or none: who finds the key there looks no further.
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                await MakeIndexAsync(connection, table, cancellation);
                if (await connection.ScalarAsync<bool>($"SELECT NOT {merge.HasKey} AND {merge.CanHaveKey}", cancellation))
                    await connection.RunAsync(TableSql.AddKey(table), cancellation);
                await transaction.CommitAsync(cancellation);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.NotNullViolation)
            {
                lost.Add(await CountKeylessAsync(connection, table, cancellation));
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                lost.Add(Lost(table, 0, []) with { Holds = null, Warns = true, Failure = $"the table has lost its key or index, and this role may not make it ({e.MessageText}). Its owner can: {string.Join("; ", TableSql.Create(table).Skip(1))}" });
            }
        }
        return lost;
    }

    static async Task<CheckResult> CountKeylessAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        const int samples = 5;
        string key = TableSql.Names(table.Key), whole = string.Join(" AND ", table.Key.Select(c => $"{Identifier.Quote(c.Name)} IS NOT NULL"));
        string repeated = $"SELECT concat_ws(', ', {key}) AS key, count(*) AS rows FROM {table.Sql} WHERE {whole} GROUP BY {key} HAVING count(*) > 1";
        long failing = await connection.ScalarAsync<long>($"SELECT (SELECT coalesce(sum(rows), 0) FROM ({repeated}) r)::bigint + (SELECT count(*) FROM {table.Sql} WHERE NOT ({whole}))", cancellation);
        var sample = new List<CheckSample>();
        await foreach (var row in connection.RowsAsync($"{repeated} ORDER BY rows DESC, key LIMIT {samples}", cancellation))
            sample.Add(new CheckSample(table.Key.Any(c => c.IsPersonal) ? "***" : row.GetString(0), row.GetInt64(1)));
        return Lost(table, failing, sample);
    }

    static CheckResult Lost(Table table, long failing, IReadOnlyList<CheckSample> sample) =>
        new(table.QualifiedName, string.Join(", ", table.Key), CheckResult.PrimaryKey, failing, sample) { Measured = failing, Expected = "0", Unit = "rows", Holds = false, Warns = false };

    /// <summary>
    /// Whether a first load was begun for another key than the contract's, which its rows cannot be given: a first load marks the columns that
    /// will be the key NOT NULL.
    /// </summary>
    public static async Task<bool> IsForAnotherAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation)
    {
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
            if (await connection.ScalarAsync<bool>($"SELECT NOT {new MergeSql(table).HasKey} AND {new MergeSql(table).CanHaveKey}", cancellation)
                && !(await DemandedAsync(connection, table, cancellation)).ToHashSet().SetEquals(table.Key.Select(c => c.Name)))
                return true;
        return false;
    }

    /// <summary>Makes the dataset's tables, which are empty, ready for the contract's keys.</summary>
    public static async Task ChangeAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation)
    {
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
        {
            if (await connection.ScalarAsync<bool>($"SELECT {new MergeSql(table).HasKey}", cancellation))
                continue;
            var others = (await DemandedAsync(connection, table, cancellation)).Except(table.Key.Select(c => c.Name));
            await connection.RunAsync($"ALTER TABLE {table.Sql} {string.Join(", ", others.Select(c => $"ALTER {Identifier.Quote(c)} DROP NOT NULL").Concat(table.Key.Select(c => $"ALTER {Identifier.Quote(c.Name)} SET NOT NULL")))}", cancellation);
        }
    }

    /// <summary>Columns that every row must give.</summary>
    static Task<List<string>> DemandedAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation) => connection.ListAsync<string>(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull AND NOT atthasdef AND attidentity = ''", cancellation, table.Sql);

    /// <summary>Looked up first: PostgreSQL asks for the owner's rights even where there is nothing to make.</summary>
    static async Task MakeIndexAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        if (TableSql.CreateIndex(table) is { } index && !await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellation, TableSql.IndexSql(table)))
            await connection.RunAsync(index, cancellation);
    }

    static async Task<bool> TryAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        try
        {
            await connection.RunAsync(TableSql.AddKey(table), cancellation);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }

    /// <summary>All rows of all documents with a share in a key that stands twice: none of them may be taken for the rightful one, and none may be left without its other rows.</summary>
    static async Task<long> RemoveDisputedAsync(NpgsqlConnection connection, Table table, TableLedger[] removed, CancellationToken cancellation)
    {
        string key = TableSql.Names(table.Key), document = Identifier.Quote(table.DocumentKey[0].Name);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.RunAsync($"""
            CREATE TEMP TABLE disputed ON COMMIT DROP AS
            SELECT DISTINCT {document} AS document FROM {table.Sql} WHERE ({key}) IN (SELECT {key} FROM {table.Sql} GROUP BY {key} HAVING count(*) > 1)
            """, cancellation);
        foreach (var every in removed)
            every.Removed += await connection.RunAsync($"DELETE FROM {every.Table.Sql} t USING disputed d WHERE t.{Identifier.Quote(every.Table.DocumentKey[0].Name)} = d.document", cancellation);
        long documents = await connection.ScalarAsync<long>("SELECT count(*) FROM disputed", cancellation);
        await transaction.CommitAsync(cancellation);
        return documents;
    }
}
