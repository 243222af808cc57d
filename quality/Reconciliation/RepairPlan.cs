using System.Text.Json;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Collects, from the differences that a comparison reports, what is to be written and removed.</summary>
internal sealed class RepairPlan(bool deleteUnexpected)
{
    const int SampledKeys = 20;

    const string Rewrite = "rewrite", Remove = "remove", Derive = "derive";

    readonly List<(Table Table, string Action, string Key, string KeyJson, string? Document)> rows = [];

    /// <summary>Documents to read anew; for a dimension's sake apart.</summary>
    public Dictionary<(Dataset, bool ForShared), Dictionary<string, byte[]>> Documents { get; } = [];

    /// <summary>Keys of rows to remove.</summary>
    public Dictionary<Table, List<string>> Unexpected { get; } = [];

    /// <summary>Lists of entities to derive anew.</summary>
    public Dictionary<Table, List<string>> Derived { get; } = [];

    public bool IsEmpty => Documents.Count == 0 && Derived.Count == 0 && Unexpected.Values.All(k => k.Count == 0);

    public void Add(Difference difference)
    {
        if (difference.Table.IsDerived)
        {
            Get(Derived, difference.Table).Add(difference.KeyJson);
            rows.Add((difference.Table, Derive, difference.Key, difference.KeyJson, null));
        }
        else if (difference.Position is { } position)
        {
            string document = Convert.ToHexStringLower(position);
            Get(Documents, (difference.Table.Dataset, difference.Table.IsShared))[document] = position;
            rows.Add((difference.Table, Rewrite, difference.Key, difference.KeyJson, document));
        }
        else if (deleteUnexpected)
        {
            Get(Unexpected, difference.Table).Add(difference.KeyJson);
            rows.Add((difference.Table, Remove, difference.Key, difference.KeyJson, null));
        }
    }

    /// <summary>A dimension row that nothing refers to is no difference, and is not removed.</summary>
    public void LeaveUnreferenced(ReconcileResult found)
    {
        foreach (var (table, keys) in Unexpected.Where(u => u.Key.IsShared))
        {
            var real = found.Tables.Single(t => t.Table == table).Differences.Select(d => d.KeyJson).ToHashSet();
            keys.RemoveAll(key => !real.Contains(key));
            rows.RemoveAll(r => r.Table == table && r.Action == Remove && !real.Contains(r.KeyJson));
        }
    }

    public IReadOnlyList<RepairStep> Steps => [.. rows.GroupBy(r => (r.Table, r.Action)).Select(g =>
        new RepairStep(g.Key.Table, g.Key.Action, g.Count(), g.Select(r => r.Document).Where(d => d is not null).Distinct().Count(), [.. g.Select(r => r.Key).Take(SampledKeys)]))];

    /// <summary>Notes in the journal who mended what.</summary>
    public async Task SaveAsync(NpgsqlConnection connection, Run run, string pipeline, long foundBy, TimeProvider time, CancellationToken cancellation)
    {
        foreach (var step in Steps)
            await connection.RunAsync("""
                INSERT INTO quality.repairs (run_id, pipeline, table_name, action, rows, sample, found_by, operator, database_user, repaired_at)
                VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, current_user, $9)
                """, cancellation, run.Id, pipeline, step.Table.QualifiedName, step.Action, step.Rows, JsonSerializer.Serialize(step.Sample), foundBy,
                $"{Environment.UserName}@{Environment.MachineName}", time.GetUtcNow());
    }

    static TValue Get<TKey, TValue>(Dictionary<TKey, TValue> map, TKey key) where TKey : notnull where TValue : new() =>
        map.TryGetValue(key, out var value) ? value : map[key] = new TValue();
}
