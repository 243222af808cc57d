using Npgsql;

namespace Etl.Loading;

/// <summary>Brings schema <c>quality</c> to the newest form: numbered SQL files, each applied once, under an advisory lock.</summary>
public static class Migrator
{
    /// <summary>Any constant will do, as long as it stays the same: 'quality' in ASCII.</summary>
    const long Lock = 0x7175616c697479;

    public static async Task ApplyAsync(NpgsqlConnection connection, TimeProvider time, CancellationToken cancellation)
    {
        // A role that may not create anything must be able to work on what is there.
        if (await IsCurrentAsync(connection, cancellation))
            return;
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.RunAsync($"SELECT pg_advisory_xact_lock({Lock})", cancellation);
        await connection.RunAsync("CREATE SCHEMA IF NOT EXISTS quality", cancellation);
        await connection.RunAsync("CREATE TABLE IF NOT EXISTS quality.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL)", cancellation);
        var applied = await connection.ListAsync<string>("SELECT name FROM quality.migrations", cancellation);
        foreach (var (name, sql) in Scripts())
        {
            if (applied.Contains(name))
                continue;
            await connection.RunAsync(sql, cancellation);
            await connection.RunAsync("INSERT INTO quality.migrations VALUES ($1, $2)", cancellation, name, time.GetUtcNow());
        }
        await transaction.CommitAsync(cancellation);
    }

    static async Task<bool> IsCurrentAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (!await connection.ScalarAsync<bool>("SELECT to_regclass('quality.migrations') IS NOT NULL", cancellation))
            return false;
        var applied = await connection.ListAsync<string>("SELECT name FROM quality.migrations", cancellation);
        return Scripts().All(s => applied.Contains(s.Name));
    }

    static IEnumerable<(string Name, string Sql)> Scripts()
    {
        var assembly = typeof(Migrator).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name, reader.ReadToEnd());
        }
    }
}
