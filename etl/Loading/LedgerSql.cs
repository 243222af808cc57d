using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Writes the books. They are checked here and again by the database's own constraints.</summary>
internal static class LedgerSql
{
    /// <exception cref="InvalidOperationException">The books do not balance; the transaction must not be committed.</exception>
    public static Task AddAsync(NpgsqlConnection connection, Run run, DocumentLedger documents, IReadOnlyList<TableLedger> tables, CancellationToken cancellation) =>
        connection.RunAsync(Add(run, documents, tables), cancellation);

    /// <exception cref="InvalidOperationException">The books do not balance; the transaction must not be committed.</exception>
    public static IEnumerable<NpgsqlBatchCommand> Add(Run run, DocumentLedger documents, IReadOnlyList<TableLedger> tables)
    {
        if (!documents.Balances)
            throw new InvalidOperationException($"The books of this batch do not close: {documents}. Nothing of it was committed; please report this.");
        yield return Sql.Statement("""
            INSERT INTO quality.ledger AS l (run_id, dataset, read, loaded, unchanged, deleted, quarantined, duplicate, superseded, filtered)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (run_id, dataset) DO UPDATE SET read = l.read + excluded.read, loaded = l.loaded + excluded.loaded, unchanged = l.unchanged + excluded.unchanged,
              deleted = l.deleted + excluded.deleted, quarantined = l.quarantined + excluded.quarantined, duplicate = l.duplicate + excluded.duplicate,
              superseded = l.superseded + excluded.superseded, filtered = l.filtered + excluded.filtered
            """, run.Id, documents.Dataset, documents.Read, documents.Loaded, documents.Unchanged, documents.Deleted,
            documents.Quarantined, documents.Duplicate, documents.Superseded, documents.Filtered);
        foreach (var table in tables)
        {
            if (!table.Balances)
                throw new InvalidOperationException($"The books of {table.Table.QualifiedName} do not close: {table}. Nothing of this batch was committed; please report this.");
            yield return Sql.Statement("""
                INSERT INTO quality.table_ledger AS l (run_id, dataset, table_name, produced, inserted, updated, unchanged, merged, removed, rows_before)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (run_id, table_name) DO UPDATE SET produced = l.produced + excluded.produced, inserted = l.inserted + excluded.inserted, updated = l.updated + excluded.updated,
                  unchanged = l.unchanged + excluded.unchanged, merged = l.merged + excluded.merged, removed = l.removed + excluded.removed
                """, run.Id, documents.Dataset, table.Table.QualifiedName, table.Produced, table.Inserted, table.Updated, table.Unchanged, table.Merged, table.Removed,
                table.RowsBefore);
        }
    }

    public static NpgsqlBatchCommand AddBatch(Run run, Dataset dataset, long documents, long rows, TimeSpan took, TimeProvider time) =>
        Sql.Statement("INSERT INTO quality.batches (run_id, dataset, ordinal, documents, rows, milliseconds, committed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            run.Id, dataset.Name, run.NextBatch(), documents, rows, (int)took.TotalMilliseconds, time.GetUtcNow());

    public static Task SetRowsAfterAsync(NpgsqlConnection connection, Run run, TableLedger table, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.table_ledger SET rows_after = $3 WHERE run_id = $1 AND table_name = $2", cancellation, run.Id, table.Table.QualifiedName, table.RowsAfter!.Value);
}
