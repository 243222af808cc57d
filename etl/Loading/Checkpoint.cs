using Etl.Contracts;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>How far a range of a dataset's scan is durable (promise I4); written in the transaction of each batch.</summary>
/// <param name="Partition">Names the range: <c>all</c>, or <c>2 of 8</c>.</param>
/// <param name="Scan">The scan it belongs to; with <paramref name="Documents"/> it never goes back.</param>
/// <param name="Position">The last durable document; null: none yet.</param>
/// <param name="Documents">Read in this range so far.</param>
public sealed record Checkpoint(string Pipeline, string Dataset, string Partition, ScanRange Range, long Scan, byte[]? Position, long Documents, bool Complete)
{
    /// <summary>The one range of a dataset that is not divided.</summary>
    public const string WholeRange = "all";

    public static string NameOf(int range, int ranges) => ranges == 1 ? WholeRange : $"{range + 1} of {ranges}";

    /// <summary>The ranges of a dataset, in order.</summary>
    public static async Task<IReadOnlyList<Checkpoint>> ListAsync(NpgsqlConnection connection, string pipeline, Dataset dataset, CancellationToken cancellation)
    {
        var ranges = new List<Checkpoint>();
        await foreach (var row in connection.RowsAsync("""
            SELECT partition, range_from, range_to, scan, position, documents, state FROM quality.checkpoints WHERE pipeline = $1 AND dataset = $2 ORDER BY ordinal
            """, cancellation, pipeline, dataset.Name))
            ranges.Add(new Checkpoint(pipeline, dataset.Name, row.GetString(0), new ScanRange(Bytes(row, 1), Bytes(row, 2)), row.GetInt64(3), Bytes(row, 4), row.GetInt64(5), row.GetString(6) == "complete"));
        return ranges;

        static byte[]? Bytes(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
    }

    /// <summary>Makes the lines of a new scan, and takes away those of the one before.</summary>
    public static async Task ReplaceAsync(NpgsqlConnection connection, string pipeline, Dataset dataset, IReadOnlyList<Checkpoint> ranges, Run run, TimeProvider time, CancellationToken cancellation)
    {
        await connection.RunAsync("DELETE FROM quality.checkpoints WHERE pipeline = $1 AND dataset = $2", cancellation, pipeline, dataset.Name);
        for (int i = 0; i < ranges.Count; i++)
            await connection.RunAsync("""
                INSERT INTO quality.checkpoints (pipeline, dataset, partition, ordinal, range_from, range_to, state, scan, position, documents, run_id, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, 'scanning', $7, NULL, 0, $8, $9)
                """, cancellation, pipeline, dataset.Name, ranges[i].Partition, i, ranges[i].Range.From, ranges[i].Range.To, ranges[i].Scan, run.Id, time.GetUtcNow());
    }

    /// <summary>A run that takes over makes the lines its own; whoever still works on them finds out when he commits.</summary>
    public static Task ClaimAsync(NpgsqlConnection connection, string pipeline, Dataset dataset, Run run, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.checkpoints SET run_id = $3 WHERE pipeline = $1 AND dataset = $2", cancellation, pipeline, dataset.Name, run.Id);

    /// <summary>Moves it, together with the books of what was read up to it.</summary>
    /// <exception cref="UnavailableException">Another run has taken over.</exception>
    /// <exception cref="InvalidOperationException">It would go back.</exception>
    public async Task WriteAsync(NpgsqlConnection connection, Run run, TimeProvider time, IEnumerable<NpgsqlBatchCommand> books, CancellationToken cancellation)
    {
        var move = Sql.Statement("""
            UPDATE quality.checkpoints SET state = $4, position = $5, documents = $6, updated_at = $7
            WHERE pipeline = $1 AND dataset = $2 AND partition = $3 AND scan = $8 AND documents <= $6 AND run_id = $9
            """, Pipeline, Dataset, Partition, Complete ? "complete" : "scanning", Position, Documents, time.GetUtcNow(), Scan, run.Id);
        await connection.RunAsync([move, .. books], cancellation); // the books last: their lines are shared with other workers
        if (move.RecordsAffected == 1)
            return;
        foreach (long owner in await connection.ListAsync<long>("SELECT DISTINCT run_id FROM quality.checkpoints WHERE pipeline = $1 AND dataset = $2", cancellation, Pipeline, Dataset))
            if (owner != run.Id)
                throw await run.TakenOverAsync(connection, owner, Dataset, cancellation);
        throw new InvalidOperationException($"The checkpoint of '{Dataset}' ({Partition}) cannot move to document {Documents} of scan {Scan}: it is further on. Nothing of this batch was committed; please report this.");
    }
}
