using System.Text.Json;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Etl.Marts;

/// <summary>What the journal knows of marts.</summary>
internal static class MartJournal
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Rows of each mart of a pipeline, as it was made last.</summary>
    public static async Task<Dictionary<string, long>> RowsAsync(NpgsqlConnection connection, string pipeline, CancellationToken cancellation)
    {
        var rows = new Dictionary<string, long>();
        await foreach (var row in connection.RowsAsync("SELECT mart, rows FROM quality.marts WHERE pipeline = $1", cancellation, pipeline))
            rows.Add(row.GetString(0), row.GetInt64(1));
        return rows;
    }

    /// <summary>The pipeline that makes it; null: none does.</summary>
    public static async Task<string?> OwnerAsync(NpgsqlConnection connection, Mart mart, CancellationToken cancellation) =>
        (await connection.ListAsync<string>("SELECT pipeline FROM quality.marts WHERE mart = $1", cancellation, mart.QualifiedName)).FirstOrDefault();

    /// <summary>Marts that are no longer described: their tables are nobody's now.</summary>
    public static async Task<IReadOnlyList<string>> ForgetAsync(NpgsqlConnection connection, Contract contract, CancellationToken cancellation)
    {
        var gone = await connection.ListAsync<string>("DELETE FROM quality.marts WHERE pipeline = $1 AND mart <> ALL ($2) RETURNING mart",
            cancellation, contract.Pipeline, contract.Marts.Select(m => m.QualifiedName).ToArray());
        return [.. gone.Order(StringComparer.Ordinal).Select(m => $"Mart {m} is no longer described. It stays as it is; drop it if nobody needs it.")];
    }

    public static async Task WriteAsync(NpgsqlConnection connection, Contract contract, Run run, MartResult built, IReadOnlyList<MartColumn> columns, int position, TimeProvider time, CancellationToken cancellation)
    {
        var mart = built.Mart;
        await connection.RunAsync("""
            INSERT INTO quality.marts (mart, pipeline, kind, file, definition, description, columns, position, rows, run_id, built_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11)
            ON CONFLICT (mart) DO UPDATE SET kind = excluded.kind, file = excluded.file, definition = excluded.definition, description = excluded.description,
              columns = excluded.columns, position = excluded.position, rows = excluded.rows, run_id = excluded.run_id, built_at = excluded.built_at
            """, cancellation, mart.QualifiedName, contract.Pipeline, mart.Kind, mart.Select.File, mart.Select.Text.Trim(), mart.Description,
            JsonSerializer.Serialize(columns.Select(c => new { c.Name, c.Type, Key = mart.Key.Contains(c.Name), Description = mart.Columns.GetValueOrDefault(c.Name, "") }), Json),
            position, built.Rows ?? 0, run.Id, time.GetUtcNow());
        await connection.RunAsync("INSERT INTO quality.mart_builds (run_id, mart, rows, inserted, removed, milliseconds) VALUES ($1, $2, $3, $4, $5, $6)",
            cancellation, run.Id, mart.QualifiedName, built.Rows ?? 0, built.Inserted, built.Removed, built.Milliseconds);
    }
}
