using Etl.Documents;
using Etl.Flattening;

namespace Etl.Sources.Files;

/// <summary>Reads the files of certain positions, and hands out of those with many lines only the ones asked for.</summary>
internal sealed class PickScan(IDocumentScan files, IReadOnlyList<byte[]> positions) : IDocumentScan
{
    readonly HashSet<Hash128> wanted = [.. positions.Select(p => Hash128.Of(p))];
    readonly DocumentBatch read = new();
    int next;

    /// <summary>The files that positions lead to; those that lead elsewhere give nothing.</summary>
    public static IReadOnlyCollection<string> FilesOf(DatasetFolder folder, IReadOnlyList<byte[]> positions)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (byte[] position in positions)
            if (folder.FileOf(position) is { } name)
                names.Add(name);
        return names;
    }

    public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        batch.Clear();
        while (next < read.Count || await ReadMoreAsync(cancellation))
        {
            for (; next < read.Count; next++)
            {
                var refused = read.RefusedAt(next);
                byte[] position = refused?.Position ?? Bson.Only(read[next], "_id"u8);
                if (!wanted.Contains(Hash128.Of(position)))
                    continue;
                if (!batch.HasRoomFor(read[next].Length))
                    return true;
                if (refused is null)
                    batch.Add(read[next]);
                else
                    batch.AddRefused(refused.Bytes.Span, refused.MediaType, refused.Position, refused.Reason);
                batch.Position = position;
            }
        }
        return batch.Count > 0;
    }

    async Task<bool> ReadMoreAsync(CancellationToken cancellation)
    {
        next = 0;
        return await files.ReadAsync(read, cancellation);
    }

    public ValueTask DisposeAsync() => files.DisposeAsync();
}
