using Etl;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Commands;

/// <summary>What a sync that was interrupted left behind, by the journal's word.</summary>
/// <param name="Run">Null: it had not begun, or the warehouse could not be asked.</param>
/// <param name="Datasets">Those of which the run found or left something committed; null: the warehouse could not be asked.</param>
/// <param name="Sentence">The same for people, with the command that goes on.</param>
internal sealed record DurableState(long? Run, IReadOnlyList<DurableDataset>? Datasets, string Sentence)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Of a sync that was stopped before it came to its run.</summary>
    public static DurableState Untouched(string again, long? run = null) =>
        new(run, [], $"Interrupted before anything of this run was committed. The tables are as they were; run '{again}' again.");

    /// <param name="since">When the command began: the process's number may have been another's before.</param>
    /// <param name="again">The command that goes on.</param>
    public static async Task<DurableState> ReadAsync(Warehouse warehouse, Contract contract, DateTimeOffset since, string again, TimeProvider time)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            var (run, durable) = await AskAsync(warehouse, contract, since, patience.Token);
            return durable.Count == 0 ? Untouched(again, run)
                : new(run, durable, $"Interrupted. Durable: {string.Join(", ", durable)}. The batch in hand was rolled back; the next '{again}' goes on from there.");
        }
        catch (Exception e) when (e is UnavailableException or NpgsqlException or OperationCanceledException)
        {
            return new(null, null, $"Interrupted. What was committed stays, though the warehouse could not be asked how much that is ({e.Message}). The next '{again}' goes on from there.");
        }
    }

    static async Task<(long? Run, List<DurableDataset> Datasets)> AskAsync(Warehouse warehouse, Contract contract, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        if (!await connection.ScalarAsync<bool>("SELECT to_regclass('quality.checkpoints') IS NOT NULL", cancellation))
            return (null, []);
        object[] own = [contract.Pipeline, Environment.ProcessId, Environment.MachineName, since];
        var runs = await connection.ListAsync<long>("SELECT id FROM quality.runs WHERE pipeline = $1 AND process_id = $2 AND host = $3 AND started_at >= $4 ORDER BY id DESC LIMIT 1", cancellation, own);
        var durable = new List<DurableDataset>();
        await foreach (var row in connection.RowsAsync("""
            SELECT c.dataset, sum(c.documents)::bigint, bool_and(c.state = 'complete') FROM quality.checkpoints c
            WHERE c.pipeline = $1 AND c.dataset IN (
              SELECT m.dataset FROM quality.checkpoints m JOIN quality.runs r ON r.id = m.run_id
              WHERE m.pipeline = $1 AND r.process_id = $2 AND r.host = $3 AND r.started_at >= $4)
            GROUP BY c.dataset HAVING bool_and(c.state = 'complete') OR sum(c.documents) > 0 ORDER BY min(c.updated_at), c.dataset
            """, cancellation, own))
            durable.Add(new DurableDataset(row.GetString(0), row.GetInt64(1), row.GetBoolean(2)));
        return (runs.Count == 0 ? null : runs[0], durable);
    }
}
