using System.Text.Json;
using Chaos.Corruption;
using Etl.Contracts;
using Etl.Loading;
using Etl.Validation;
using Npgsql;

namespace Quality.Sandbox;

/// <summary>Asks the warehouse which documents were named, and by which rules: the other half of a detection matrix.</summary>
internal static class DetectionReader
{
    /// <summary>For each document in quarantine, all rules that its violations name.</summary>
    public static async Task<IReadOnlyDictionary<DocumentKey, IReadOnlyList<string>>> QuarantinedAsync(NpgsqlConnection connection, Contract contract, CancellationToken cancellation)
    {
        var named = new Dictionary<DocumentKey, IReadOnlyList<string>>();
        await foreach (var row in connection.RowsAsync("SELECT dataset, document_key, violations::text FROM quality.quarantine WHERE pipeline = $1 AND state = 'open'", cancellation, contract.Pipeline))
            named.Add(new DocumentKey(row.GetString(0), row.GetString(1)),
                [.. JsonSerializer.Deserialize<Violation[]>(row.GetString(2), JsonSerializerOptions.Web)!.Select(v => v.Rule).Distinct()]);
        return named;
    }

    /// <summary>The documents behind rows that share a value which should be unique.</summary>
    public static async Task<IReadOnlyDictionary<DocumentKey, IReadOnlyList<string>>> ReportedAsync(NpgsqlConnection connection, Contract contract, CancellationToken cancellation)
    {
        var named = new Dictionary<DocumentKey, IReadOnlyList<string>>();
        foreach (var table in contract.Tables)
            foreach (var column in table.Columns.Where(c => c.Field is { Unique: true }))
            {
                string name = Identifier.Quote(column.Name), owner = Identifier.Quote(table.DocumentKey[0].Name);
                await foreach (var row in connection.RowsAsync($"""
                    SELECT {owner}::text FROM {table.Sql} WHERE {name} IN (SELECT {name} FROM {table.Sql} GROUP BY {name} HAVING count(*) > 1)
                    """, cancellation))
                    named[new DocumentKey(table.Dataset.Name, KeyText(table, row.GetString(0)))] = [CorruptionKind.UniqueCheck];
            }
        return named;
    }

    /// <summary>A key as quarantine writes it, from what the warehouse holds of it.</summary>
    static string KeyText(Table table, string key) => table.DocumentKey[0].Field!.PhysicalType == "objectId" ? $"{{\"$oid\":\"{key}\"}}" : JsonSerializer.Serialize(key);
}
