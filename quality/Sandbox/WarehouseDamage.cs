using Etl.Loading;
using Npgsql;

namespace Quality.Sandbox;

/// <summary>Edits the warehouse's users behind the loader's back, as a careless hand would: rows deleted, edited and made up.</summary>
internal sealed class WarehouseDamage
{
    public const int Deleted = 3, Edited = 5, Invented = 7;

    readonly HashSet<string> missing = [], changed = [], unexpected = [];

    public IReadOnlySet<string> Missing => missing;
    public IReadOnlySet<string> Changed => changed;
    public IReadOnlySet<string> Unexpected => unexpected;

    public static async Task<WarehouseDamage> DoAsync(NpgsqlConnection connection, int seed, CancellationToken cancellation)
    {
        var damage = new WarehouseDamage();
        var random = new Random(seed);
        // Rows of documents in quarantine are left out of both sides; damage there would be nobody's difference.
        var keys = await connection.ListAsync<string>("""
            SELECT user_id FROM community.users WHERE NOT EXISTS
              (SELECT 1 FROM quality.quarantine WHERE pipeline = 'community' AND dataset = 'users' AND state = 'open' AND document_key LIKE '%' || user_id || '%')
            ORDER BY user_id
            """, cancellation);
        string[] victims = [.. keys];
        random.Shuffle(victims);
        damage.missing.UnionWith(victims[..Deleted]);
        damage.changed.UnionWith(victims[Deleted..(Deleted + Edited)]);
        for (int i = 0; i < Invented; i++)
            damage.unexpected.Add($"ffffffff{random.Next():x8}{i:x8}");
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.RunAsync("DELETE FROM community.users WHERE user_id = ANY ($1)", cancellation, (object)damage.missing.ToArray());
        await connection.RunAsync("UPDATE community.users SET country = country || '?', age = coalesce(age, 0) + 1 WHERE user_id = ANY ($1)", cancellation, (object)damage.changed.ToArray());
        await connection.RunAsync("INSERT INTO community.users (user_id, first_name, country, signed_up_at) SELECT k, 'Nobody', 'XX', timestamptz '2020-06-15 12:00Z' FROM unnest($1) AS k", cancellation, (object)damage.unexpected.ToArray());
        await transaction.CommitAsync(cancellation);
        return damage;
    }
}
