using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Etl;
using Npgsql;
using Quality.Sandbox;
using Tests.Shared;

namespace Quality.Tests.Sandbox;

[UnsupportedOSPlatform("windows")]
[Trait("Category", "Long")]
public sealed class An_embedded_postgres
{
    [Fact]
    public async Task Starts_answers_and_stops()
    {
        var folder = Fresh();
        int process;
        await using (var server = await Start(folder))
        {
            process = server.ProcessId!.Value;
            Assert.False(server.IsShared);
            Assert.Equal("quality", await Postgres.ScalarAsync(server.ConnectionString, "SELECT current_database()::text"));
            Assert.Equal("on", await Postgres.ScalarAsync(server.ConnectionString, "SELECT current_setting('fsync')"));
            Assert.Equal("127.0.0.1", await Postgres.ScalarAsync(server.ConnectionString, "SELECT current_setting('listen_addresses')"));
        }
        await AssertGoneAsync(process);
    }

    [Fact]
    public async Task Keeps_its_data_between_starts()
    {
        var folder = Fresh();
        await using (var first = await Start(folder))
            await Postgres.ExecuteAsync(first.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS n");

        await using var second = await Start(folder);

        Assert.Equal(42, await Postgres.ScalarAsync(second.ConnectionString, "SELECT n FROM kept"));
    }

    [Fact]
    public async Task Is_shared_by_whoever_starts_it_again_and_stopped_by_the_last_to_leave()
    {
        var folder = Fresh();
        var first = await Start(folder);
        var second = await Start(folder);
        var process = first.ProcessId!.Value;
        Assert.True(second.IsShared);
        Assert.Equal(first.ConnectionString, second.ConnectionString);

        await first.DisposeAsync();
        Assert.Equal(1, await Postgres.ScalarAsync(second.ConnectionString, "SELECT 1"));

        await second.DisposeAsync();
        await AssertGoneAsync(process);
    }

    [Fact]
    public async Task Is_one_server_however_many_start_it_at_once()
    {
        var folder = Fresh();
        var servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Start(folder)));
        Assert.Single(servers.Select(server => server.ProcessId).Distinct());
        Assert.Single(servers, server => !server.IsShared);
        foreach (var server in servers)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task Comes_back_with_its_data_and_its_address_after_its_postmaster_was_killed()
    {
        var folder = Fresh();
        await using var killed = await Start(folder);
        await Postgres.ExecuteAsync(killed.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS n");
        using (var postmaster = Process.GetProcessById(killed.ProcessId!.Value))
        {
            postmaster.Kill();
            await postmaster.WaitForExitAsync();
        }

        await using var next = await Start(folder);

        Assert.False(next.IsShared);
        Assert.Equal(42, await Postgres.ScalarAsync(next.ConnectionString, "SELECT n FROM kept"));
        Assert.Equal(killed.ConnectionString, next.ConnectionString);
    }

    [Fact]
    public async Task Goes_to_another_port_while_another_program_has_its_own_and_keeps_that()
    {
        var folder = Fresh();
        int before;
        await using (var first = await Start(folder))
        {
            await Postgres.ExecuteAsync(first.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS n");
            before = Port(first);
        }
        int moved;
        using (var other = new TcpListener(IPAddress.Loopback, before))
        {
            other.Start();
            await using var second = await Start(folder);
            moved = Port(second);
            Assert.NotEqual(before, moved);
            Assert.Equal(42, await Postgres.ScalarAsync(second.ConnectionString, "SELECT n FROM kept"));
        }
        await using var third = await Start(folder);
        Assert.Equal(moved, Port(third));

        static int Port(EmbeddedPostgres server) => new NpgsqlConnectionStringBuilder(server.ConnectionString).Port;
    }

    [Fact]
    public async Task Believes_no_stale_postmaster_pid_whose_number_another_process_has_now()
    {
        var folder = Fresh();
        string data;
        await using (var first = await Start(folder))
            data = first.DataFolder;
        // PostgreSQL itself sees through a number of another user or of its own parents, so neither will do.
        var user = (await ServerUser.ForAsync(data, CancellationToken.None)).Id?.Split(':');
        string[] sleep = ["sleep", "60"];
        if (user is not null)
            sleep = ["setpriv", $"--reuid={user[0]}", $"--regid={user[1]}", "--clear-groups", .. sleep];
        using var other = Process.Start(sleep[0], sleep[1..]);
        await File.WriteAllTextAsync(Path.Combine(data, "postmaster.pid"), $"{other.Id}\n{data}\n1700000000\n1\n\n127.0.0.1\n\nready\n");

        await using var next = await Start(folder);

        other.Kill();
        Assert.Equal(1, await Postgres.ScalarAsync(next.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task That_outlived_its_user_is_taken_over_by_the_next_start_and_stopped_by_it()
    {
        var folder = Fresh();
        await using (var first = await Start(folder))
            Assert.NotNull(first.ProcessId);
        // What a killed process leaves: a server running, nobody holding a lock.
        var cluster = await PostgresCluster.OpenAsync(folder, PostgresBinaries.Find(), CancellationToken.None);
        await new PostgresServer(cluster, TimeProvider.System).StartAsync(CancellationToken.None);

        var next = await Start(folder);
        var process = next.ProcessId!.Value;
        Assert.True(next.IsShared);
        await next.DisposeAsync();

        await AssertGoneAsync(process);
    }

    [Fact]
    public async Task Refuses_a_wrong_password()
    {
        await using var server = await Start(Fresh());
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong", Pooling = false }.ConnectionString;

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => Postgres.ScalarAsync(wrong, "SELECT 1"));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Keeps_its_password_to_its_own_user()
    {
        await using var server = await Start(Fresh());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.DataFolder, "quality.password")));
    }

    [Fact]
    public async Task Replaces_what_a_killed_initdb_left()
    {
        var folder = Fresh();
        var half = Directory.CreateDirectory(Path.Combine(folder, "postgres.making", "base"));
        await File.WriteAllTextAsync(Path.Combine(folder, "postgres.password"), "half");

        await using var server = await Start(folder);

        Assert.Equal(1, await Postgres.ScalarAsync(server.ConnectionString, "SELECT 1"));
        Assert.False(Directory.Exists(half.FullName));
    }

    [Fact]
    public async Task Lives_elsewhere_when_its_user_cannot_reach_the_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root runs PostgreSQL as another user");
        var folder = Fresh();
        File.SetUnixFileMode(Path.GetDirectoryName(folder)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await using (var server = await Start(folder))
        {
            Assert.StartsWith("/var/tmp/quality-", server.DataFolder);
            Assert.Equal(server.DataFolder, (await File.ReadAllTextAsync(Path.Combine(folder, "postgres.path"))).Trim());
            await Postgres.ExecuteAsync(server.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS n");
        }
        await using (var again = await Start(folder))
            Assert.Equal(42, await Postgres.ScalarAsync(again.ConnectionString, "SELECT n FROM kept"));

        Directory.Delete(folder, recursive: true);
        string elsewhere;
        await using (var afresh = await Start(folder))
        {
            elsewhere = Path.GetDirectoryName(afresh.DataFolder)!;
            Assert.Equal(DBNull.Value, await Postgres.ScalarAsync(afresh.ConnectionString, "SELECT to_regclass('kept')::text"));
        }
        // The record may have gone with a folder that was moved: its data is put aside, not removed.
        Assert.True(File.Exists(Path.Combine(elsewhere, "postgres.before", "PG_VERSION")));
        Directory.Delete(elsewhere, recursive: true);
    }

    /// <summary>pg_ctl hands the path of its log to a shell, between double quotes.</summary>
    [Fact]
    public async Task Lives_elsewhere_when_a_shell_would_not_take_its_path_as_it_is()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Fresh())!, "it's \"$(touch made-by-a-shell)\"", ".quality")).FullName;
        string elsewhere;
        await using (var server = await Start(folder))
        {
            Assert.StartsWith("/var/tmp/quality-", server.DataFolder);
            elsewhere = Path.GetDirectoryName(server.DataFolder)!;
            Assert.Equal(1, await Postgres.ScalarAsync(server.ConnectionString, "SELECT 1"));
        }
        Assert.False(File.Exists(Path.Combine(elsewhere, "postgres", "made-by-a-shell")));
        Directory.Delete(elsewhere, recursive: true);
    }

    /// <summary>A key that stands twice, a value that is no number: some are personal, and a log is read by others than the warehouse.</summary>
    [Fact]
    public async Task Writes_no_values_into_its_log()
    {
        string data;
        await using (var server = await Start(Fresh()))
        {
            data = server.DataFolder;
            await Postgres.ExecuteAsync(server.ConnectionString, "CREATE TABLE people (name text PRIMARY KEY); INSERT INTO people VALUES ('Geheim')");
            await Assert.ThrowsAsync<PostgresException>(() => Postgres.ExecuteAsync(server.ConnectionString, "INSERT INTO people SELECT name FROM people"));
            await Assert.ThrowsAsync<PostgresException>(() => Postgres.ExecuteAsync(server.ConnectionString, "SELECT name::int FROM people"));
        }
        string log = await File.ReadAllTextAsync(Path.Combine(data, "quality.log"));
        Assert.Contains("database system is ready", log);
        Assert.DoesNotContain("Geheim", log);
    }

    [Fact]
    public async Task That_cannot_be_started_leaves_no_lock_behind()
    {
        var folder = Fresh();
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, "postgres.path"), "/proc/nowhere/postgres\n");
        await Assert.ThrowsAsync<UnavailableException>(() => Start(folder));
        File.Delete(Path.Combine(folder, "postgres.path"));

        await using var server = await Start(folder);

        Assert.NotNull(server.ProcessId);
    }

    static Task<EmbeddedPostgres> Start(string folder)
    {
        Postgres.Required();
        return EmbeddedPostgres.StartAsync(folder, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>Emptied before, left after; a folder for each test.</summary>
    static string Fresh([CallerMemberName] string test = "")
    {
        var root = Path.Combine(Path.GetTempPath(), "quality-tests", test);
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);
        return Directory.CreateDirectory(Path.Combine(root, ".quality")).FullName;
    }

    /// <summary>Its lock file, which the command waits for, goes a moment before the process does; on a busy machine that can be seen.</summary>
    static async Task AssertGoneAsync(int process)
    {
        for (int i = 0; i < 100 && Lives(process); i++)
            await Task.Delay(50);
        Assert.False(Lives(process));
    }

    static bool Lives(int process) => File.Exists($"/proc/{process}/cwd/PG_VERSION");
}
