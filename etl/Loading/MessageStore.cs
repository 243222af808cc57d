using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>Keeps what a source gives only once, as it came, in the transaction of its batch.</summary>
internal sealed class MessageStore(NpgsqlConnection connection, string pipeline, Dataset dataset, Run run, TimeProvider time)
{
    readonly HashSet<Guid> seen = [];

    /// <summary>Keeps the bodies that are new, and marks the others as not to be loaded: the same message once more says nothing.</summary>
    /// <returns>How many of them were kept before.</returns>
    public async Task<long> KeepAsync(DocumentBatch batch, int first, int end, bool[] skipped, CancellationToken cancellation)
    {
        var hashes = new Guid[end - first];
        for (int i = first; i < end; i++)
            hashes[i - first] = (MessageReader.HashOf(batch.RefusedAt(i)?.Position ?? batch[i]) ?? Hash128.Of(batch.OriginalAt(i).Bytes.Span)).ToGuid();
        seen.Clear();
        seen.UnionWith(await connection.ListAsync<Guid>("SELECT hash FROM quality.messages WHERE pipeline = $1 AND dataset = $2 AND hash = ANY ($3)", cancellation, pipeline, dataset.Name, hashes));
        long again = 0;
        var fresh = new List<int>();
        for (int i = first; i < end; i++)
            if (seen.Add(hashes[i - first]))
                fresh.Add(i);
            else if (!skipped[i])
            {
                skipped[i] = true;
                again++;
            }
        if (fresh.Count > 0)
            await connection.RunAsync("""
                INSERT INTO quality.messages (pipeline, dataset, hash, body, media_type, refused, received_at, run_id)
                SELECT $1, $2, m.hash, m.body, m.media_type, nullif(m.refused, ''), $3, $4 FROM unnest($5, $6, $7, $8) WITH ORDINALITY AS m(hash, body, media_type, refused, number) ORDER BY m.number
                """, cancellation, pipeline, dataset.Name, time.GetUtcNow(), run.Id, fresh.Select(i => hashes[i - first]).ToArray(),
                fresh.Select(i => batch.OriginalAt(i).Bytes.ToArray()).ToArray(), fresh.Select(i => batch.OriginalAt(i).MediaType).ToArray(),
                fresh.Select(i => batch.RefusedAt(i)?.Reason is { } reason ? ShownText.WithoutNul(reason) : "").ToArray());
        return again;
    }
}
