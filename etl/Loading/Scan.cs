using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>One reading of a whole dataset, in one range or several; kept until it is complete, so that a run that died can be taken over.</summary>
/// <param name="Number">Counted from 1; never goes back.</param>
/// <param name="FirstLoad">The dataset's tables had no rows when it began.</param>
/// <param name="Version">The version of every row of this scan.</param>
/// <param name="FirstRun">The run that began it.</param>
public sealed record Scan(string Pipeline, string Dataset, long Number, bool Complete, bool FirstLoad, RowVersion Version, string ContractHash, long FirstRun)
{
    public static async Task<Scan?> ReadAsync(NpgsqlConnection connection, string pipeline, Dataset dataset, CancellationToken cancellation)
    {
        await foreach (var row in connection.RowsAsync("""
            SELECT scan, state, first_load, version, contract_hash, first_run FROM quality.scans WHERE pipeline = $1 AND dataset = $2
            """, cancellation, pipeline, dataset.Name))
            return new Scan(pipeline, dataset.Name, row.GetInt64(0), row.GetString(1) == "complete", row.GetBoolean(2),
                RowVersion.FromGuid(row.GetGuid(3)), row.GetString(4), row.GetInt64(5));
        return null;
    }

    /// <exception cref="UnavailableException">It would go back: another run has begun a later one.</exception>
    public async Task WriteAsync(NpgsqlConnection connection, Run run, TimeProvider time, CancellationToken cancellation)
    {
        int written = await connection.RunAsync("""
            INSERT INTO quality.scans AS s (pipeline, dataset, scan, state, first_load, version, contract_hash, first_run, run_id, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (pipeline, dataset) DO UPDATE SET scan = excluded.scan, state = excluded.state, first_load = excluded.first_load,
              version = excluded.version, contract_hash = excluded.contract_hash, first_run = excluded.first_run, run_id = excluded.run_id, updated_at = excluded.updated_at
            WHERE s.scan <= excluded.scan
            """, cancellation, Pipeline, Dataset, Number, Complete ? "complete" : "scanning", FirstLoad, Version.ToGuid(), ContractHash, FirstRun, run.Id, time.GetUtcNow());
        if (written != 1)
            throw await run.TakenOverAsync(connection, await connection.ScalarAsync<long>("SELECT run_id FROM quality.scans WHERE pipeline = $1 AND dataset = $2", cancellation, Pipeline, Dataset), Dataset, cancellation);
    }
}
