using Etl.Contracts;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>One execution of a command against a pipeline, as the journal keeps it.</summary>
public sealed class Run
{
    readonly TimeProvider time;

    Run(long id, DateTimeOffset startedAt, TimeProvider time) => (Id, StartedAt, this.time) = (id, startedAt, time);

    public long Id { get; }
    public DateTimeOffset StartedAt { get; }

    /// <summary>A line of quality.runs, for people.</summary>
    internal const string Named = """format('run %s (%s, process %s on %s, since %s)', id, command, process_id, host, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'))""";

    int batches;

    /// <summary>Numbers batches from 1, whichever worker they are of; a batch that was rolled back leaves a gap.</summary>
    public int NextBatch() => Interlocked.Increment(ref batches);

    /// <param name="command">sync, reconcile, repair, demo.</param>
    /// <param name="source">What is read, without secrets.</param>
    public static async Task<Run> BeginAsync(NpgsqlConnection connection, Contract contract, string command, string? source, long? seed, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        long id = await connection.ScalarAsync<long>("""
            INSERT INTO quality.runs (pipeline, command, seed, contract, contract_hash, source, host, process_id, started_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
            """, cancellation, contract.Pipeline, command, seed, contract.Version, contract.Hash, source,
            Environment.MachineName, Environment.ProcessId, now);
        return new Run(id, now, time);
    }

    /// <param name="reason">The verdict in one sentence.</param>
    public Task EndAsync(NpgsqlConnection connection, Verdict verdict, string reason, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.runs SET ended_at = $2, verdict = $3, reason = $4 WHERE id = $1", cancellation, Id, time.GetUtcNow(), verdict.Word(), reason);

    /// <summary>Notes which days were asked for; all, where none were.</summary>
    public Task SaveDaysAsync(NpgsqlConnection connection, DayRange? days, CancellationToken cancellation) => days is null ? Task.CompletedTask
        : connection.RunAsync("UPDATE quality.runs SET first_day = $2, last_day = $3 WHERE id = $1", cancellation, Id, days.From, days.To);

    public Task SaveEffortAsync(NpgsqlConnection connection, SourceEffort effort, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.runs SET retries = $2, reopened = $3, timed_out = $4, remarks = $5 WHERE id = $1", cancellation,
            Id, effort.Retries, effort.Reopened, effort.TimedOut, effort.Remarks.ToArray());

    /// <summary>What a run is told that lost the pipeline's lock with its connection and finds another at work in its place.</summary>
    internal async Task<UnavailableException> TakenOverAsync(NpgsqlConnection connection, long by, string dataset, CancellationToken cancellation) =>
        new($"Dataset '{dataset}' was taken over by {await connection.ScalarAsync<string>($"SELECT {Named} FROM quality.runs WHERE id = $1", cancellation, by)}, because this run {Id} lost the connection that held the pipeline's lock. "
            + "Nothing of its last batch was committed; what it committed before stays, and the other run goes on from there. Wait until that one ends; there is nothing to mend.");

    /// <summary>Writes the end of a failed run, on a connection of its own: the first may be what failed.</summary>
    public async Task FailAsync(Warehouse warehouse, Exception failure)
    {
        try
        {
            await using var connection = await warehouse.OpenAsync(CancellationToken.None);
            await EndAsync(connection, Verdict.Unknown, failure is OperationCanceledException ? "Interrupted." : failure.Message, CancellationToken.None);
        }
        catch (Exception e) when (e is UnavailableException or NpgsqlException)
        {
            // The warehouse is gone: the run stays without an end, which the journal shows as died. The first failure is the one to report.
        }
    }
}
