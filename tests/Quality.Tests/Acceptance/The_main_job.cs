using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>The whole chain from outside: documents by pymongo, the built executable, SQL.</summary>
[Trait("Category", "Foreign")]
public sealed partial class The_main_job
{
    const int Users = 10_000;

    static readonly (string Table, string[] Columns)[] Tables =
    [
        ("users", ["user_id", "first_name", "last_name", "age", "gender", "country", "post_code", "signed_up_at", "group_id", "messages_per_day"]),
        ("subscriptions", ["subscription_id", "user_id", "subscription_ref", "started_at", "plan_id"]),
        ("plans", ["plan_id", "description", "cost", "currency", "length", "length_units", "payment_type"]),
        ("invoices", ["invoice_id", "subscription_id", "user_id", "amount", "currency", "status", "invoiced_at"]),
        ("groups", ["group_id", "started_at", "health_coach"]),
        ("messages", ["thread_id", "ordinal", "user_id", "group_id", "sent_at", "body"]),
    ];

    [GeneratedRegex(@"mongodb://127\.0\.0\.1:(\d+)/")]
    private static partial Regex Address();

    [Fact]
    public async Task Moves_what_pymongo_wrote_and_finds_what_SQL_changed()
    {
        string python = Requires.PythonModule("pymongo", "apt-get install python3-pymongo"), warehouse = await Postgres.DatabaseAsync("acceptance"), folder = QualityProcess.NewFolder();
        await using var mongo = QualityProcess.Start(folder, null, "mongo", "--port", "0");
        string port = Address().Match(await mongo.SaysAsync("mongodb://")).Groups[1].Value;
        string[] servers = ["--mongo", $"mongodb://127.0.0.1:{port}/", "--warehouse", warehouse];
        var expected = JsonSerializer.Deserialize<Dictionary<string, string?[][]>>(await PythonAsync(python, "write_community.py", port, $"{Users}"))!;

        var sync = await QualityProcess.RunAsync(folder, null, ["sync", "community", .. servers]);
        Assert.True(sync.ExitCode == 0, sync.Errors);
        var clean = await QualityProcess.RunAsync(folder, null, ["reconcile", "community", "--json", .. servers]);
        Assert.Equal((0, "reconciled"), (clean.ExitCode, clean.Json.GetProperty("verdict").GetString()));

        Assert.Equal(Users, expected["users"].Length);
        foreach (var (table, columns) in Tables)
            AssertEqual(table, columns, expected[table], await RowsAsync(warehouse, table, columns));

        await Postgres.ExecuteAsync(warehouse, """
            DELETE FROM community.users WHERE user_id IN (SELECT user_id FROM community.users ORDER BY user_id LIMIT 3);
            UPDATE community.users SET age = coalesce(age, 0) + 1 WHERE user_id IN (SELECT user_id FROM community.users ORDER BY user_id LIMIT 5);
            INSERT INTO community.users SELECT (jsonb_populate_record(u, jsonb_build_object('user_id', 'planted-' || n))).*
              FROM generate_series(1, 7) n, (SELECT * FROM community.users LIMIT 1) AS one JOIN community.users u USING (user_id);
            """);
        var damaged = await QualityProcess.RunAsync(folder, null, ["reconcile", "community", "--json", .. servers]);
        Assert.Equal((1, "mismatched"), (damaged.ExitCode, damaged.Json.GetProperty("verdict").GetString()));
        foreach (var found in damaged.Json.GetProperty("datasets").EnumerateArray())
            Assert.Equal(found.GetProperty("table").GetString() == "users" ? (3, 5, 7) : (0, 0, 0),
                (found.GetProperty("missing").GetInt32(), found.GetProperty("changed").GetInt32(), found.GetProperty("unexpected").GetInt32()));

        mongo.Signal(QualityProcess.Terminate);
        Assert.Equal(0, (await mongo.EndAsync()).ExitCode);
        var gone = await QualityProcess.RunAsync(folder, null, ["reconcile", "community", "--json", .. servers]);
        Assert.Equal((2, "unknown"), (gone.ExitCode, gone.Json.GetProperty("verdict").GetString()));
    }

    static void AssertEqual(string table, string[] columns, string?[][] expected, string?[][] actual)
    {
        Assert.True(expected.Length == actual.Length, $"{table}: {expected.Length} rows expected, {actual.Length} found");
        int keys = table == "messages" ? 2 : 1;
        var byKey = actual.ToDictionary(r => string.Join('/', r[..keys]));
        foreach (string?[] row in expected)
        {
            string key = string.Join('/', row[..keys]);
            Assert.True(byKey.TryGetValue(key, out string?[]? found), $"{table} {key} is not in the warehouse");
            for (int i = 0; i < columns.Length; i++)
                Assert.True(row[i] == found[i], $"{table} {key} {columns[i]}: pymongo reads {row[i] ?? "NULL"}, SQL says {found[i] ?? "NULL"}");
        }
    }

    /// <summary>Every value as text, made by PostgreSQL.</summary>
    static async Task<string?[][]> RowsAsync(string warehouse, string table, string[] columns)
    {
        await using var source = NpgsqlDataSource.Create(warehouse);
        var types = new Dictionary<string, string>();
        await using (var look = source.CreateCommand($"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'community' AND table_name = '{table}'"))
        await using (var reader = await look.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                types.Add(reader.GetString(0), reader.GetString(1));
        string list = string.Join(", ", columns.Select(c => types[c] switch
        {
            "timestamp with time zone" => $"to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')",
            "numeric" => $"trim_scale({c})::text",
            _ => $"{c}::text",
        }));
        var rows = new List<string?[]>();
        await using var command = source.CreateCommand($"SELECT {list} FROM community.{table}");
        await using var result = await command.ExecuteReaderAsync();
        while (await result.ReadAsync())
            rows.Add([.. Enumerable.Range(0, columns.Length).Select(i => result.IsDBNull(i) ? null : result.GetString(i))]);
        return [.. rows];
    }

    static async Task<string> PythonAsync(string python, string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Acceptance", script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
