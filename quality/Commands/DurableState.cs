using Etl;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Commands;

/// <summary>Says what a sync that was interrupted left behind, by the journal's word.</summary>
internal static class DurableState
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="since">When the command began: the process's number may have been another's before.</param>
    /// <param name="again">The command that goes on.</param>
    public static async Task<string> SentenceAsync(Warehouse warehouse, Contract contract, DateTimeOffset since, string again, TimeProvider time)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            var durable = await ReadAsync(warehouse, contract, since, patience.Token);
            return durable.Count == 0
                ? $"Interrupted before anything of this run was committed. The tables are as they were; run '{again}' again."
                : $"Interrupted. Durable: {string.Join(", ", durable)}. The batch in hand was rolled back; the next '{again}' goes on from there.";
        }
        catch (Exception e) when (e is UnavailableException or NpgsqlException or OperationCanceledException)
        {
            return $"Interrupted. What was committed stays, though the warehouse could not be asked how much that is ({e.Message}). The next '{again}' goes on from there.";
        }
    }

    static async Task<List<string>> ReadAsync(Warehouse warehouse, Contract contract, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        var durable = new List<string>();
        if (!await connection.ScalarAsync<bool>("SELECT to_regclass('quality.checkpoints') IS NOT NULL", cancellation))
            return durable;
        await foreach (var row in connection.RowsAsync("""
            SELECT c.dataset, bool_and(c.state = 'complete'), sum(c.documents)::bigint FROM quality.checkpoints c
            WHERE c.pipeline = $1 AND c.dataset IN (
              SELECT m.dataset FROM quality.checkpoints m JOIN quality.runs r ON r.id = m.run_id
              WHERE m.pipeline = $1 AND r.process_id = $2 AND r.host = $3 AND r.started_at >= $4)
            GROUP BY c.dataset HAVING bool_and(c.state = 'complete') OR sum(c.documents) > 0 ORDER BY min(c.updated_at), c.dataset
            """, cancellation, contract.Pipeline, Environment.ProcessId, Environment.MachineName, since))
            durable.Add(row.GetBoolean(1) ? $"{row.GetString(0)} (complete)" : $"{row.GetString(0)} ({Terminal.Count(row.GetInt64(2))} documents so far)");
        return durable;
    }
}
