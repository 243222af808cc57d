using Etl.Contracts;
using Etl.Flattening;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Rows of dimensions that only the warehouse has, told apart by whether anything there refers to them.</summary>
internal sealed class UnreferencedRows(Dataset dataset, NpgsqlConnection connection, ReconcileOptions options, Tally tally)
{
    /// <summary>A dimension row stays when nothing refers to it any more: that is no difference.</summary>
    public async Task SetApartAsync(TableResult result, IReadOnlyDictionary<Hash128, LeftOut> leftOut, CancellationToken cancellation)
    {
        if (!result.Table.IsShared)
            return;
        var suspects = result.Differences.Concat(tally.Held.Where(d => d.Table == result.Table)).Where(d => d.Kind == DifferenceKind.Unexpected).ToList();
        if (suspects.Count == 0)
            return;
        var (compared, any) = await FindReferencesAsync(result.Table, leftOut, cancellation);
        var apart = suspects.Where(d => !compared.Contains(d.KeyJson)).ToHashSet();
        result.Unexpected -= result.Differences.RemoveAll(apart.Contains);
        tally.Held.RemoveAll(apart.Contains);
        // Only rows of documents in quarantine refer to it: left out of both sides, as they are.
        int heldBack = apart.Count(d => any.Contains(d.KeyJson));
        result.HeldBack += heldBack;
        result.Unreferenced += apart.Count - heldBack;
        if (result.Differences.Count > TableResult.SampleLimit)
            result.Differences.RemoveRange(TableResult.SampleLimit, result.Differences.Count - TableResult.SampleLimit);
    }

    /// <summary>The keys of a dimension that rows of the warehouse refer to: rows that are compared, and all of them.</summary>
    async Task<(HashSet<string> Compared, HashSet<string> Any)> FindReferencesAsync(Table shared, IReadOnlyDictionary<Hash128, LeftOut> leftOut, CancellationToken cancellation)
    {
        var (compared, any) = (new HashSet<string>(), new HashSet<string>());
        foreach (var table in dataset.Tables.Where(t => t != shared && shared.Key.All(k => t.Columns.Any(c => c.Field?.Path == k.Field!.Path))))
        {
            int[] columns = [.. shared.Key.Select(k => table.Columns.ToList().FindIndex(c => c.Field?.Path == k.Field!.Path))];
            var tell = options.Tell($"{table.QualifiedName} again, for {shared.Name}", ReconcileOptions.Rows, null);
            await new WarehousePass(connection, table).RunAsync(leftOut, (fields, _, _) => compared.Add(KeyOf(fields)), tell, cancellation);
            await new WarehousePass(connection, table).RunAsync(new Dictionary<Hash128, LeftOut>(), (fields, _, _) => any.Add(KeyOf(fields)), null, cancellation);

            string KeyOf(ReadOnlySpan<byte> fields)
            {
                var key = new System.Text.Json.Nodes.JsonObject();
                for (int i = 0; i < columns.Length; i++)
                    key.Add(shared.Key[i].Name, DifferenceBuilder.TextOf(shared.Key[i], RowFields.At(fields, columns[i])));
                return key.ToJsonString();
            }
        }
        return (compared, any);
    }
}
