using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>The open quarantine entries of one dataset: which documents are accounted for without being in the tables.</summary>
internal sealed class QuarantineIndex
{
    readonly Dictionary<string, Guid> hashes = [];

    public static async Task<QuarantineIndex> ReadAsync(NpgsqlConnection connection, string pipeline, Dataset dataset, CancellationToken cancellation)
    {
        var index = new QuarantineIndex();
        await foreach (var row in connection.RowsAsync("SELECT document_key, document_hash FROM quality.quarantine WHERE pipeline = $1 AND dataset = $2 AND state = 'open'",
            cancellation, pipeline, dataset.Name))
            index.hashes[row.GetString(0)] = row.GetGuid(1);
        return index;
    }

    public bool IsEmpty => hashes.Count == 0;

    public bool Holds(string key) => hashes.ContainsKey(key);

    /// <summary>Whether exactly this version of the document is in quarantine: the loader refused it for a reason that the contract alone does not show.</summary>
    public bool HoldsVersion(string key, Guid hash) => hashes.TryGetValue(key, out var held) && held == hash;
}
