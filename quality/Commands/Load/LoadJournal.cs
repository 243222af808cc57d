using System.Text.Json;
using Etl.Loading;
using Npgsql;

namespace Quality.Commands.Load;

/// <summary>Writes into the journal what was measured.</summary>
internal static class LoadJournal
{
    static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    public static async Task WriteAsync(NpgsqlConnection connection, Run run, string pipeline, LoadOutcome outcome, int seed, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.RunAsync("""
            INSERT INTO quality.load_results (run_id, pipeline, scenario, seed, rate, started_at, seconds, verdict, reason, peak_memory, thresholds)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb)
            """, cancellation, run.Id, pipeline, outcome.Scenario.Name, (long)seed, outcome.Rate, outcome.StartedAt, outcome.Took.TotalSeconds,
            outcome.Verdict.Word(), outcome.Reason, outcome.PeakMemory, Json(outcome.Thresholds));
        foreach (var step in outcome.Steps)
            await connection.RunAsync("""
                INSERT INTO quality.load_steps (run_id, scenario, workload, step, operations, failed, documents, seconds, latency, reasons, slot_seconds, series)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11, $12::jsonb)
                """, cancellation, run.Id, outcome.Scenario.Name, step.Workload, step.Step, step.Operations, step.Failed, step.Documents, step.Took.TotalSeconds,
                step.Latency is null ? null : Json(step.Latency), Json(step.Reasons), step.SlotWidth.TotalSeconds, Json(step.Series));
        await transaction.CommitAsync(cancellation);
    }

    static string Json<T>(T value) => JsonSerializer.Serialize(value, Form);
}
