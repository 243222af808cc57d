using Etl.Documents;
using Etl.Flattening;
using Npgsql;

namespace Etl.Loading;

/// <summary>Writes into the journal what documents held and the contract does not know.</summary>
internal static class DriftWriter
{
    /// <summary>Stands for all paths beyond those that were told apart.</summary>
    const string Others = "(others)";

    /// <summary>A path is part of the table's key, and names may be of any length.</summary>
    const int PathLength = 200;

    /// <summary>Replaces what the run said of the dataset before: a dataset may be read twice in a run.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, Run run, string dataset, Drift drift, CancellationToken cancellation)
    {
        await connection.RunAsync("DELETE FROM quality.drift WHERE run_id = $1 AND dataset = $2", cancellation, run.Id, dataset);
        foreach (var field in drift.Fields)
            await connection.RunAsync("""
                INSERT INTO quality.drift (run_id, dataset, path, kind, bson_type, documents, first_key) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
                """, cancellation, run.Id, dataset, ShownText.WithoutNul(ShownText.Clip(field.Path, PathLength)), field.IsNewType ? "new type" : "unknown field", string.Join(", ", field.Types.Select(t => t.Alias())),
                field.Count, field.FirstKey.Length > 0 ? ShownText.WithoutNul(field.FirstKey) : null);
        if (drift.BeyondLimit > 0)
            await connection.RunAsync("INSERT INTO quality.drift (run_id, dataset, path, kind, bson_type, documents, first_key) VALUES ($1, $2, $3, 'unknown field', '', $4, NULL)",
                cancellation, run.Id, dataset, Others, drift.BeyondLimit);
    }
}
