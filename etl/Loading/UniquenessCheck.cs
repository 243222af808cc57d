using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Fields that should be unique but are no key: asked of the warehouse after the load. The rows stay; it is reported.</summary>
public static class UniquenessCheck
{
    const int SampleSize = 5;

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
}
