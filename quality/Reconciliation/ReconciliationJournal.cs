using System.Buffers.Binary;
using System.Text.Json;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Writes what a reconciliation found into schema quality.</summary>
internal static class ReconciliationJournal
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task WriteAsync(NpgsqlConnection connection, Run run, Contract contract, ReconcileResult result, Level level, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var table in result.Tables)
        {
            long id = await connection.ScalarAsync<long>("""
                INSERT INTO quality.reconciliations (run_id, pipeline, dataset, table_name, level, source, warehouse, quarantined, held_back, unreferenced, missing, unexpected, changed,
                  matched, coverage, verdict, reason, source_hash, warehouse_hash, milliseconds, documents, duplicate, superseded, nulls, days,
                  in_flight, oldest_in_flight, not_looked_at_again, bound)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, nullif($17, ''), $18, $19, $20, $21, $22, $23, nullif($24, '')::jsonb, nullif($25, '')::jsonb, $26, $27, $28, $29) RETURNING id
                """, cancellation, run.Id, contract.Pipeline, table.Table.Dataset.Name, table.Table.QualifiedName, level == Level.Counts ? "counts" : "contents",
                table.Source, table.Warehouse, table.Quarantined, table.HeldBack, table.Unreferenced, table.Missing, table.Unexpected, table.Changed, table.Matched,
                table.Coverage, table.Verdict.Word(), table.Reason ?? "", table.SourceHash.ToGuid(), table.WarehouseHash.ToGuid(), (int)table.Took.TotalMilliseconds,
                new NpgsqlParameter { Value = (object?)table.Documents ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint }, table.Duplicate, table.Superseded,
                table.Nulls is { } nulls ? JsonSerializer.Serialize(nulls) : "", table.Days.Count > 0 ? JsonSerializer.Serialize(table.Days, Json) : "",
                table.InFlight, table.OldestInFlight, table.NotLookedAtAgain, new NpgsqlParameter { Value = (object?)table.Bound ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Double });
            await WriteDifferencesAsync(connection, id, table.Differences, cancellation);
        }
        await transaction.CommitAsync(cancellation);
    }

    static Task WriteDifferencesAsync(NpgsqlConnection connection, long reconciliation, List<Difference> differences, CancellationToken cancellation) =>
        connection.RunAsync("""
            INSERT INTO quality.differences (reconciliation_id, ordinal, kind, key, cells)
            SELECT $1, d.ordinal, d.kind, d.key, d.cells::jsonb FROM unnest($2, $3, $4, $5) AS d(ordinal, kind, key, cells)
            """, cancellation, reconciliation, Enumerable.Range(0, differences.Count).ToArray(), differences.Select(d => d.Kind.ToString().ToLowerInvariant()).ToArray(),
            differences.Select(d => d.Key).ToArray(), differences.Select(d => JsonSerializer.Serialize(d.Cells, Json)).ToArray());

    /// <summary>Marks the differences that a repair mended.</summary>
    public static Task MarkRepairedAsync(NpgsqlConnection connection, long reconcileRun, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.differences SET repaired = true WHERE reconciliation_id IN (SELECT id FROM quality.reconciliations WHERE run_id = $1)", cancellation, reconcileRun);
}
