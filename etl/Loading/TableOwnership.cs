using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>A table belongs to the pipeline that wrote it last. Another would take its rows for those of documents that are gone.</summary>
internal static class TableOwnership
{
    /// <exception cref="UnavailableException">A table with rows that another pipeline wrote, as after a contract was copied and only its name changed.</exception>
    public static async Task CheckAsync(NpgsqlConnection connection, string pipeline, IEnumerable<Table> tables, CancellationToken cancellation)
    {
        foreach (var table in tables)
        {
            (string Pipeline, long Run)? writer = null;
            await foreach (var row in connection.RowsAsync("""
                SELECT r.pipeline, r.id FROM quality.table_ledger l JOIN quality.runs r ON r.id = l.run_id WHERE l.table_name = $1 ORDER BY r.id DESC LIMIT 1
                """, cancellation, table.QualifiedName))
                writer = (row.GetString(0), row.GetInt64(1));
            if (writer is { } last && last.Pipeline != pipeline && await HasRowsAsync(connection, table, cancellation))
                throw new UnavailableException($"Table {table.QualifiedName} is filled by pipeline '{last.Pipeline}' (run {last.Run}); pipeline '{pipeline}' would remove its rows. "
                    + "Name another warehouseSchema in one of the contracts; or, if it is the pipeline that has a new name, drop the table, and the next sync fills it.");
        }
    }

    static async Task<bool> HasRowsAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation) =>
        await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellation, table.Sql)
        && await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {table.Sql})", cancellation);
}
