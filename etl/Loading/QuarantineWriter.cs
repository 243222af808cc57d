using System.Text.Json;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Validation;
using Npgsql;

namespace Etl.Loading;

/// <summary>Writes refused documents into quality.quarantine, in the batch's transaction; one open entry per document.</summary>
internal sealed class QuarantineWriter(string pipeline, Dataset dataset, Run run, TimeProvider time)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly string heldBack = string.Join(" OR ", dataset.Tables.Where(t => !t.IsShared).Select(t =>
        $"EXISTS (SELECT 1 FROM {MergeSql.Documents} d JOIN {t.Sql} t ON {string.Join(" AND ", t.DocumentKey.Select(c => $"t.{Identifier.Quote(c.Name)} = d.{Identifier.Quote(c.Name)}"))} WHERE d._doc = r.doc{(t.DeletesSoftly ? $" AND t.{TableSql.DeletedAt} IS NULL" : "")})"));

    /// <summary>The staged documents (by number) that have rows in the tables.</summary>
    public async Task<HashSet<int>> FindHeldBackAsync(NpgsqlConnection connection, IReadOnlyList<RefusedDocument> refused, CancellationToken cancellation) =>
        [.. await connection.ListAsync<int>($"SELECT r.doc FROM unnest($1) AS r(doc) WHERE {heldBack}", cancellation, refused.Select(r => r.Number).ToArray())];

    /// <param name="isHeldBack">By number: whether an older good version of the document stays in the tables.</param>
    public async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<RefusedDocument> refused, string partition, Func<int, bool> isHeldBack, CancellationToken cancellation)
    {
        if (refused.Count == 0)
            return;
        const string sql = """
            INSERT INTO quality.quarantine AS q (pipeline, dataset, partition, position, document_key, rule, path, reason, violations, media_type, document, document_hash,
              held_back, state, first_run, last_run, first_seen, last_seen)
            SELECT $1, $2, $3, r.position, r.key, r.rule, r.path, r.reason, r.violations::jsonb, r.media_type, r.document, r.hash,
              r.held_back, 'open', $4, $4, $5, $5
            FROM unnest($6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS r(held_back, position, key, rule, path, reason, violations, document, hash, media_type)
            ON CONFLICT (pipeline, dataset, document_key) WHERE state = 'open' DO UPDATE SET
              position = excluded.position, rule = excluded.rule, path = excluded.path, reason = excluded.reason, violations = excluded.violations,
              media_type = excluded.media_type, document = excluded.document, document_hash = excluded.document_hash, held_back = excluded.held_back, last_run = excluded.last_run, last_seen = excluded.last_seen
            """;
        var violations = refused.Select(r => r.Violations.Select(Storable).ToArray()).ToArray();
        await connection.RunAsync(sql, cancellation, pipeline, dataset.Name, partition, run.Id, time.GetUtcNow(),
            refused.Select(r => isHeldBack(r.Number)).ToArray(), refused.Select(r => r.Position).ToArray(), refused.Select(r => ShownText.WithoutNul(r.Key)).ToArray(),
            violations.Select(v => v[0].Rule).ToArray(), violations.Select(v => v[0].Path).ToArray(), violations.Select(v => v[0].Message).ToArray(),
            violations.Select(v => JsonSerializer.Serialize(v, Json)).ToArray(),
            refused.Select(r => r.Document.ToArray()).ToArray(), refused.Select(r => Hash128.Of(r.Document.Span).ToGuid()).ToArray(), refused.Select(r => r.MediaType).ToArray());
    }

    /// <summary>Closes the entries of documents that are good again.</summary>
    public Task ResolveAsync(NpgsqlConnection connection, string[] keys, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.quarantine SET state = 'resolved' WHERE pipeline = $1 AND dataset = $2 AND state = 'open' AND document_key = ANY ($3)",
            cancellation, pipeline, dataset.Name, keys);

    static Violation Storable(Violation v) =>
        v with { Path = ShownText.WithoutNul(v.Path), Value = ShownText.WithoutNul(v.Value), Message = ShownText.WithoutNul(v.Message) };
}
