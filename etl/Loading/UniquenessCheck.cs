using System.Text.Json;
using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Fields that should be unique but are no key: asked of the warehouse after the load. The rows stay; it is reported.</summary>
internal static class UniquenessCheck
{
    const int SampleSize = 5;
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(NpgsqlConnection connection, IEnumerable<Table> tables, CancellationToken cancellation)
    {
        var results = new List<CheckResult>();
        foreach (var table in tables)
            foreach (var column in table.Columns.Where(c => c.Field is { Unique: true }))
            {
                string name = Identifier.Quote(column.Name);
                string repeated = $"SELECT {name}::text AS value, count(*) AS rows FROM {table.Live} WHERE {name} IS NOT NULL GROUP BY {name} HAVING count(*) > 1";
                long failing = await connection.ScalarAsync<long>($"SELECT coalesce(sum(rows), 0)::bigint FROM ({repeated}) r", cancellation);
                var sample = new List<CheckSample>();
                await foreach (var row in connection.RowsAsync($"{repeated} ORDER BY rows DESC, value LIMIT {SampleSize}", cancellation))
                    sample.Add(new CheckSample(column.IsPersonal ? "***" : row.GetString(0), row.GetInt64(1)));
                results.Add(new CheckResult(table.QualifiedName, column.Name, "unique", failing, sample));
            }
        return results;
    }

    public static async Task SaveAsync(NpgsqlConnection connection, Run run, string pipeline, IReadOnlyList<CheckResult> results, CancellationToken cancellation)
    {
        foreach (var result in results)
            await connection.RunAsync("INSERT INTO quality.checks (run_id, pipeline, table_name, column_name, rule, failing, sample, name, measured, expected, unit, holds, warns) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
                cancellation, run.Id, pipeline, result.Table, result.Column, result.Rule, result.Failing, JsonSerializer.Serialize(result.Sample, Json),
                result.Name, result.Measured, result.Failure is null ? result.Expected : $"{result.Expected}; {result.Failure}", result.Unit, result.Holds, result.Warns);
    }
}
