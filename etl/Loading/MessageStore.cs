using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>Keeps what a source gives only once, as it came, in the transaction of its batch.</summary>
internal sealed class MessageStore(NpgsqlConnection connection, string pipeline, Dataset dataset, Run run, TimeProvider time)
{
    readonly HashSet<Guid> kept = [];

    /// <summary>Keeps the bodies that are new, and marks the others as not to be loaded: the same message once more says nothing.</summary>
    /// <returns>How many of them were kept before.</returns>
    public async Task<long> KeepAsync(DocumentBatch batch, int first, int end, bool[] skipped, CancellationToken cancellation)
    {
        int count = end - first;
        var (hashes, bodies, types, reasons) = (new Guid[count], new ReadOnlyMemory<byte>[count], new string[count], new string[count]);
        for (int i = first; i < end; i++)
        {
            var refused = batch.RefusedAt(i);
            (bodies[i - first], types[i - first]) = batch.OriginalAt(i);
            hashes[i - first] = (MessageReader.HashOf(refused?.Position ?? batch[i]) ?? Hash128.Of(bodies[i - first].Span)).ToGuid();
            reasons[i - first] = refused is null ? "" : ShownText.WithoutNul(refused.Reason);
        }
        // One statement looks them up and keeps them: of those that are there already, it gives nothing back.
        kept.Clear();
        await foreach (var row in connection.RowsAsync("""
            INSERT INTO quality.messages (pipeline, dataset, hash, body, media_type, refused, received_at, run_id)
            SELECT $1, $2, m.hash, m.body, m.media_type, nullif(m.refused, ''), $3, $4 FROM unnest($5, $6, $7, $8) WITH ORDINALITY AS m(hash, body, media_type, refused, number) ORDER BY m.number
            ON CONFLICT (hash, dataset, pipeline) DO NOTHING RETURNING hash
            """, cancellation, pipeline, dataset.Name, time.GetUtcNow(), run.Id, hashes, bodies, types, reasons))
            kept.Add(row.GetGuid(0));
        long again = 0;
        for (int i = first; i < end; i++)
            if (!kept.Remove(hashes[i - first]) && !skipped[i])
            {
                skipped[i] = true;
                again++;
            }
        return again;
    }
}
