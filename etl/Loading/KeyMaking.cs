using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Tables are loaded first without their keys, which is faster, and get them when the scan ends.</summary>
internal static class KeyMaking
{
    /// <summary>Makes the keys and indexes that the dataset's tables lack.</summary>
    /// <returns>Rows that were taken out again, by table: those of every document that another document disputes a key with, or that came twice.
    /// When there are any, the dataset is to be read again by one worker, which settles it.</returns>
    public static async Task<IReadOnlyDictionary<Table, long>> CompleteAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation)
    {
        var removed = new Dictionary<Table, long>();
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
        {
            if (await connection.ScalarAsync<bool>($"SELECT {new MergeSql(table).HasKey} OR NOT {new MergeSql(table).CanHaveKey}", cancellation))
                continue;
            while (!await TryAsync(connection, table, cancellation))
                await RemoveDisputedAsync(connection, dataset, table, removed, cancellation);
        }
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
            await MakeIndexAsync(connection, table, cancellation);
        return removed;
    }

    /// <summary>Tables that are new in a dataset whose others have rows are not loaded first without a key.</summary>
    public static async Task ForEmptyAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation)
    {
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
        {
            if (await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {table.Sql}) OR {new MergeSql(table).HasKey} OR NOT {new MergeSql(table).CanHaveKey}", cancellation))
                continue;
            // Both or none: who finds the key there looks no further.
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await MakeIndexAsync(connection, table, cancellation);
            await connection.RunAsync(TableSql.AddKey(table), cancellation);
            await transaction.CommitAsync(cancellation);
        }
    }

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
    static async Task RemoveDisputedAsync(NpgsqlConnection connection, Dataset dataset, Table table, Dictionary<Table, long> removed, CancellationToken cancellation)
    {
        string key = TableSql.Names(table.Key), document = Identifier.Quote(table.DocumentKey[0].Name);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.RunAsync($"""
            CREATE TEMP TABLE disputed ON COMMIT DROP AS
            SELECT DISTINCT {document} AS document FROM {table.Sql} WHERE ({key}) IN (SELECT {key} FROM {table.Sql} GROUP BY {key} HAVING count(*) > 1)
            """, cancellation);
        foreach (var every in dataset.Tables.Where(t => !t.IsShared))
            removed[every] = removed.GetValueOrDefault(every)
                + await connection.RunAsync($"DELETE FROM {every.Sql} t USING disputed d WHERE t.{Identifier.Quote(every.DocumentKey[0].Name)} = d.document", cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
