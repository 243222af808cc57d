using System.Text.Json;
using Etl.Loading;
using Npgsql;

namespace Quality.Sandbox;

/// <summary>Writes into the journal what was broken on purpose and what was found of it.</summary>
internal static class ExperimentJournal
{
    /// <param name="outcomes">What it was called, and how often.</param>
    public static Task WriteAsync(NpgsqlConnection connection, long run, string pipeline, string kind, string name, string hypothesis, int injected, int detected, int missed, int falseAlarms,
        IReadOnlyDictionary<string, int> outcomes, int seed, CancellationToken cancellation) =>
        connection.RunAsync("""
            INSERT INTO quality.experiments (run_id, pipeline, kind, name, hypothesis, injected, detected, missed, false_alarms, outcomes, seed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11)
            """, cancellation, run, pipeline, kind, name, hypothesis, injected, detected, missed, falseAlarms, JsonSerializer.Serialize(outcomes), (long)seed);
}
