using Npgsql;

namespace Quality.Tests.Acceptance;

/// <summary>The six tables as SQL shows them, beside the rows that a Python program expects.</summary>
static class CommunityTables
{
    public static readonly IReadOnlyDictionary<string, string[]> Columns = new Dictionary<string, string[]>
    {
        ["users"] = ["user_id", "first_name", "last_name", "age", "gender", "country", "post_code", "signed_up_at", "group_id", "messages_per_day"],
        ["subscriptions"] = ["subscription_id", "user_id", "subscription_ref", "started_at", "plan_id"],
        ["plans"] = ["plan_id", "description", "cost", "currency", "length", "length_units", "payment_type"],
        ["invoices"] = ["invoice_id", "subscription_id", "user_id", "amount", "currency", "status", "invoiced_at"],
        ["groups"] = ["group_id", "started_at", "health_coach"],
        ["messages"] = ["thread_id", "ordinal", "user_id", "group_id", "sent_at", "body"],
    };

    /// <summary>Every value as text, made by PostgreSQL: numbers without trailing zeros, dates as milliseconds since 1970.</summary>
    public static async Task<string?[][]> RowsAsync(string warehouse, string table)
    {
        await using var source = NpgsqlDataSource.Create(warehouse);
        var types = new Dictionary<string, string>();
        await using (var look = source.CreateCommand($"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'community' AND table_name = '{table}'"))
        await using (var reader = await look.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                types.Add(reader.GetString(0), reader.GetString(1));
        string list = string.Join(", ", Columns[table].Select(c => types[c] switch
        {
            "timestamp with time zone" => $"trim_scale(extract(epoch FROM {c}) * 1000)::text",
            "numeric" => $"trim_scale({c})::text",
            _ => $"{c}::text",
        }));
        var rows = new List<string?[]>();
        await using var command = source.CreateCommand($"SELECT {list} FROM community.{table}");
        await using var result = await command.ExecuteReaderAsync();
        while (await result.ReadAsync())
            rows.Add([.. Enumerable.Range(0, Columns[table].Length).Select(i => result.IsDBNull(i) ? null : result.GetString(i))]);
        return [.. rows];
    }

    public static void AssertEqual(string table, string?[][] expected, string?[][] actual)
    {
        string[] columns = Columns[table];
        int keys = table == "messages" ? 2 : 1;
        var byKey = actual.ToDictionary(r => string.Join('/', r[..keys]));
        foreach (string?[] row in expected)
        {
            string key = string.Join('/', row[..keys]);
            Assert.True(byKey.TryGetValue(key, out string?[]? found), $"{table} {key} is not in the warehouse");
            for (int i = 0; i < columns.Length; i++)
                Assert.True(row[i] == found[i], $"{table} {key} {columns[i]}: pymongo reads {row[i] ?? "NULL"}, SQL says {found[i] ?? "NULL"}");
        }
        Assert.True(expected.Length == actual.Length, $"{table}: {expected.Length} rows expected, {actual.Length} found");
    }
}
