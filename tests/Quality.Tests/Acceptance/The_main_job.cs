using System.Diagnostics;
using System.Text.Json;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>The whole chain from outside: documents by pymongo, the built executable, SQL.</summary>
[Trait("Category", "Foreign")]
public sealed class The_main_job
{
    const int Users = 10_000;

    [Fact]
    public async Task Moves_what_pymongo_wrote_and_finds_what_SQL_changed()
    {
        string python = Requires.PythonModule("pymongo", "apt-get install python3-pymongo"), warehouse = await Postgres.DatabaseAsync("acceptance"), folder = QualityProcess.NewFolder();
        await using var mongo = QualityProcess.Start(folder, null, "mongo", "--port", "0");
        string port = await mongo.PortAsync();
        string[] servers = ["--mongo", $"mongodb://127.0.0.1:{port}/", "--warehouse", warehouse];
        var expected = JsonSerializer.Deserialize<Dictionary<string, string?[][]>>(await PythonAsync(python, "write_community.py", port, $"{Users}"))!;

        var sync = await QualityProcess.RunAsync(folder, null, ["sync", "community", .. servers]);
        Assert.True(sync.ExitCode == 0, sync.Errors);
        var clean = await QualityProcess.RunAsync(folder, null, ["reconcile", "community", "--json", .. servers]);
        Assert.Equal((0, "reconciled"), (clean.ExitCode, clean.Json.GetProperty("verdict").GetString()));

        Assert.Equal(Users, expected["users"].Length);
        foreach (string table in CommunityTables.Columns.Keys)
            CommunityTables.AssertEqual(table, expected[table], await CommunityTables.RowsAsync(warehouse, table));

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
