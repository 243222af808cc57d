using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>How far a dataset's scan is durable (promise I4); written in the transaction of each batch.</summary>
/// <param name="Scan">Counted from 1; with the position it never goes back.</param>
/// <param name="Version">The version of every row of this scan.</param>
/// <param name="Position">The last durable document; null: none yet.</param>
/// <param name="Documents">Read in this scan so far.</param>
/// <param name="FirstRun">The run that began this scan.</param>
public sealed record Checkpoint(string Pipeline, string Dataset, bool Complete, long Scan, RowVersion Version, byte[]? Position, long Documents, string ContractHash, long FirstRun)
{
    /// <summary>One range covers a dataset for now.</summary>
    public const string WholeRange = "all";

    public static async Task<Checkpoint?> ReadAsync(NpgsqlConnection connection, string pipeline, Dataset dataset, CancellationToken cancellation)
    {
        await foreach (var row in connection.RowsAsync("""
            SELECT state, scan, version, position, documents, contract_hash, first_run FROM quality.checkpoints
            WHERE pipeline = $1 AND dataset = $2 AND partition = $3
            """, cancellation, pipeline, dataset.Name, WholeRange))
            return new Checkpoint(pipeline, dataset.Name, row.GetString(0) == "complete", row.GetInt64(1), RowVersion.FromGuid(row.GetGuid(2)),
                row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3), row.GetInt64(4), row.GetString(5), row.GetInt64(6));
        return null;
    }

    /// <exception cref="InvalidOperationException">It would go back.</exception>
    public async Task WriteAsync(NpgsqlConnection connection, Run run, TimeProvider time, CancellationToken cancellation)
    {
        int written = await connection.RunAsync("""
            INSERT INTO quality.checkpoints AS c (pipeline, dataset, partition, state, scan, version, position, documents, contract_hash, first_run, run_id, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (pipeline, dataset, partition) DO UPDATE SET state = excluded.state, scan = excluded.scan, version = excluded.version, position = excluded.position,
              documents = excluded.documents, contract_hash = excluded.contract_hash, first_run = excluded.first_run, run_id = excluded.run_id, updated_at = excluded.updated_at
            WHERE (c.scan, c.documents) <= (excluded.scan, excluded.documents)
            """, cancellation, Pipeline, Dataset, WholeRange, Complete ? "complete" : "scanning", Scan, Version.ToGuid(),
            Position, Documents, ContractHash, FirstRun, run.Id, time.GetUtcNow());
        if (written != 1)
            throw new InvalidOperationException($"The checkpoint of '{Dataset}' would go back to scan {Scan}, document {Documents}. Another writer is at work; nothing was committed.");
    }
}
