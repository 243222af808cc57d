using System.Collections.Concurrent;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Npgsql;

namespace Etl.Sources.Files;

/// <summary>
/// Remembers files in the warehouse beside what was loaded from them (<c>quality.files</c>, about 100 bytes each with the index). Where the contract was changed, or
/// the dataset's table is gone or empty, nothing is remembered: then every file is to be read again.
/// </summary>
/// <param name="inbox">Files of another inbox are other files.</param>
/// <remarks>Schema <c>quality</c> must be there (<see cref="Warehouse.OpenJournalAsync"/>), and one writer alone may use it: who holds the pipeline's lock.</remarks>
public sealed class PostgresFileMemory(Warehouse warehouse, Contract contract, string inbox) : IFileMemory
{
    readonly ConcurrentDictionary<string, Task<int>> folders = new();

    public async Task<IReadOnlyList<SeenFile?>> RecallAsync(Dataset dataset, IReadOnlyList<Hash128> names, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        int folder = await FolderAsync(connection, dataset, cancellation);
        var known = new Dictionary<Guid, SeenFile>();
        Guid[] asked = [.. names.Select(n => n.ToGuid())];
        await foreach (var row in connection.RowsAsync("SELECT name, modified, size, pending_since FROM quality.files WHERE folder = $1 AND name = ANY($2)", cancellation, folder, asked))
            known[row.GetGuid(0)] = new SeenFile(default, row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
        return [.. asked.Select((name, i) => known.TryGetValue(name, out var file) ? file with { Name = names[i] } : (SeenFile?)null)];
    }

    public async Task KeepAsync(Dataset dataset, IReadOnlyList<SeenFile> files, CancellationToken cancellation)
    {
        if (files.Count == 0)
            return;
        SeenFile[] last = [.. files.Reverse().DistinctBy(f => f.Name)]; // a file may have been rewritten, and read again, within one batch
        await using var connection = await warehouse.OpenAsync(cancellation);
        await connection.RunAsync("""
            INSERT INTO quality.files AS f SELECT $1, * FROM unnest($2, $3, $4, $5)
            ON CONFLICT (folder, name) DO UPDATE SET modified = excluded.modified, size = excluded.size, pending_since = excluded.pending_since
            """, cancellation, await FolderAsync(connection, dataset, cancellation), last.Select(f => f.Name.ToGuid()).ToArray(), last.Select(f => f.Modified).ToArray(),
            last.Select(f => f.Size).ToArray(), last.Select(f => f.PendingSince).ToArray());
    }

    Task<int> FolderAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation) =>
        folders.GetOrAdd(dataset.Name, _ => OpenAsync(connection, dataset, cancellation));

    async Task<int> OpenAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        string path = Path.GetFullPath(inbox);
        await connection.RunAsync("INSERT INTO quality.file_folders (pipeline, dataset, path, contract_hash) VALUES ($1, $2, $3, '') ON CONFLICT DO NOTHING", cancellation, contract.Pipeline, dataset.Name, path);
        int folder = await connection.ScalarAsync<int>("SELECT folder FROM quality.file_folders WHERE pipeline = $1 AND dataset = $2 AND path = $3", cancellation, contract.Pipeline, dataset.Name, path);
        bool sameContract = await connection.RunAsync("UPDATE quality.file_folders SET contract_hash = $2 WHERE folder = $1 AND contract_hash <> $2", cancellation, folder, contract.Hash) == 0;
        if (!sameContract || !await HasRowsAsync(connection, dataset.RootTable, cancellation))
            await connection.RunAsync("DELETE FROM quality.files WHERE folder = $1", cancellation, folder);
        await transaction.CommitAsync(cancellation);
        return folder;
    }

    static async Task<bool> HasRowsAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation) =>
        await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellation, table.Sql)
        && await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {table.Sql})", cancellation);
}
