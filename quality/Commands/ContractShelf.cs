using System.Security.Cryptography;
using Etl.Contracts;
using Etl.Loading;

namespace Quality.Commands;

/// <summary>Keeps the contract that a run uses in the journal, so that its report can tell what the columns meant, also when the file has changed since.</summary>
internal static class ContractShelf
{
    public static async Task KeepAsync(Warehouse warehouse, Contract contract, TimeProvider time, CancellationToken cancellation)
    {
        if (await FileAsync(contract, cancellation) is not { } content)
            return;
        await using var connection = await warehouse.OpenJournalAsync(time, cancellation);
        await connection.RunAsync("INSERT INTO quality.contracts (hash, pipeline, version, content, kept_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING",
            cancellation, contract.Hash, contract.Pipeline, contract.Version, content, time.GetUtcNow());
    }

    /// <summary>The file that the contract was read from; null where it has changed or gone since. Whoever looks for it later is told that it was not kept.</summary>
    static async Task<byte[]?> FileAsync(Contract contract, CancellationToken cancellation)
    {
        foreach (string file in Directory.EnumerateFiles(contract.Folder, "*.y*ml"))
        {
            byte[] content = await File.ReadAllBytesAsync(file, cancellation);
            if (Convert.ToHexStringLower(SHA256.HashData(content)) == contract.Hash)
                return content;
        }
        return null;
    }
}
