using Npgsql;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>A warehouse's tables as SQL shows them, and SQL that damages them.</summary>
sealed class WarehouseTables(string connectionString) : IAsyncDisposable
{
    readonly NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);

    public string ConnectionString => connectionString;

    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>Columns that a contract or its derived tables describe, in their order; Quality's own begin with _, and when a row was inserted the source does not say.</summary>
    async Task<(string Name, string Type)[]> ColumnsAsync(string table)
    {
        string[] name = table.Split('.');
        return [.. (await ListAsync($"""
            SELECT column_name, data_type FROM information_schema.columns
            WHERE table_schema = '{name[0]}' AND table_name = '{name[1]}' AND column_name !~ '^_' AND column_name <> 'inserted_at_utc' ORDER BY ordinal_position
            """)).Select(c => (c[0]!, c[1]!))];
    }

    public async Task<string?[][]> ListAsync(string sql)
    {
        var rows = new List<string?[]>();
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i))]);
        return [.. rows];
    }

    public async Task<long> CountAsync(string sql) => Convert.ToInt64(await Postgres.ScalarAsync(connectionString, sql));

    /// <summary>Values as text, made by PostgreSQL: numbers without trailing zeros, times to the microsecond in UTC.</summary>
    public async Task<string?[][]> RowsAsync(string table, params string[] columns)
    {
        var types = (await ColumnsAsync(table)).ToDictionary(c => c.Name, c => c.Type);
        return await ListAsync($"SELECT {string.Join(", ", columns.Select(c => types[c] switch
        {
            "timestamp with time zone" => $"to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
            "numeric" => $"trim_scale(round({c}, 9))::text", // averages: how many digits they have is PostgreSQL's choice
            _ => $"{c}::text",
        }))} FROM {table}");
    }

    /// <summary>All columns of a table but Quality's own, as one text a row, sorted.</summary>
    public async Task<string[]> ContentsAsync(string table)
    {
        string[] columns = [.. (await ColumnsAsync(table)).Select(c => c.Name)];
        Assert.NotEmpty(columns);
        return [.. (await RowsAsync(table, columns)).Select(row => string.Join('|', row.Select(v => v ?? "∅"))).Order(StringComparer.Ordinal)];
    }

    /// <summary>Which transaction wrote each row: the same afterwards only if nobody wrote it again.</summary>
    public async Task<string[]> WritingsAsync(IEnumerable<string> tables)
    {
        var all = new List<string>();
        foreach (string table in tables)
            all.AddRange((await ListAsync($"SELECT '{table} ' || ctid || ' ' || xmin FROM {table}")).Select(r => r[0]!));
        return [.. all.Order(StringComparer.Ordinal)];
    }

    /// <summary>How many rows were planted in a table.</summary>
    public readonly record struct Planted(int Missing, int Changed, int Unexpected);

    /// <summary>Removes two rows, changes each column that is no key in a row of its own, and adds three rows.</summary>
    public async Task<Planted> PlantAsync(string table)
    {
        var columns = await ColumnsAsync(table);
        string[] key = [.. (await ListAsync($"""
            SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = '{table}'::regclass AND i.indisprimary
            """)).Select(r => r[0]!)];
        Assert.NotEmpty(key);
        var (keyColumn, keyType) = columns.First(c => key.Contains(c.Name));
        string order = string.Join(", ", key), places = $"SELECT ctid FROM {table} ORDER BY {order} LIMIT 1 OFFSET";
        var others = columns.Where(c => !key.Contains(c.Name)).ToArray();
        Assert.True(await CountAsync($"SELECT count(*) FROM {table}") > others.Length + 2, $"{table} has too few rows to damage");
        string unlike = keyType == "text" ? "'planted-' || n" : "-1000 - n";
        await Postgres.ExecuteAsync(connectionString, $"""
            CREATE TEMP TABLE planted AS SELECT * FROM {table} ORDER BY {order} LIMIT 1;
            DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} ORDER BY {order} LIMIT 2);
            {string.Concat(others.Select((c, i) => $"UPDATE {table} SET {c.Name} = {Other(c.Name, c.Type)} WHERE ctid = ({places} {i});\n"))}
            INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(p) || jsonb_build_object('{keyColumn}', {unlike}))).* FROM generate_series(1, 3) n, planted p;
            DROP TABLE planted;
            """);
        return new Planted(2, others.Length, 3);
    }

    static string Other(string column, string type) => type switch
    {
        "text" => $"coalesce({column}, '') || 'x'",
        "boolean" => $"NOT coalesce({column}, false)",
        "timestamp with time zone" => $"coalesce({column}, '2020-01-01Z') + interval '1 microsecond'",
        "date" => $"{column} + 1",
        "jsonb" => $"{column} || '{{\"planted\": true}}'",
        _ => $"coalesce({column}, 0) + 1",
    };
}
