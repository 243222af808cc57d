using System.Globalization;
using Etl;
using Npgsql;
using Quality.Sandbox;

namespace Benchmarks.EndToEnd;

/// <summary>A private PostgreSQL with the settings of the product's embedded one (fsync on), made for the benchmark and removed after it.</summary>
sealed class BenchWarehouse : IAsyncDisposable
{
    readonly EmbeddedPostgres server;
    readonly string folder, psql;

    BenchWarehouse(EmbeddedPostgres server, string folder, string psql) => (this.server, this.folder, this.psql) = (server, folder, psql);

    public static async Task<BenchWarehouse> StartAsync(string folder, CancellationToken cancellation)
    {
        string psql = Psql();
        var server = await EmbeddedPostgres.StartAsync(Path.Combine(folder, ".quality"), TimeProvider.System, cancellation);
        return new BenchWarehouse(server, folder, psql);
    }

    static string Psql() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend(PostgresBinaries.Find().Folder)
        .Select(folder => Path.Combine(folder, "psql")).FirstOrDefault(File.Exists)
        ?? throw new UnavailableException("There is no psql beside PostgreSQL's programs or on PATH. Install it: apt-get install postgresql-client, or make setup.");

    /// <summary>A database of that name, empty.</summary>
    /// <returns>Its connection string, for Npgsql and `--warehouse`.</returns>
    public async Task<string> DatabaseAsync(string name)
    {
        await ExecuteAsync(server.ConnectionString, $"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
        await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE \"{name}\"");
        // Without a pool: a connection that lingers is one that DROP DATABASE has to break.
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name, Pooling = false }.ConnectionString;
    }

    public Task DropAsync(string name) => ExecuteAsync(server.ConnectionString, $"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");

    /// <summary>So that nobody pays for what was written before the clock started.</summary>
    public Task SettleAsync() => ExecuteAsync(server.ConnectionString, "CHECKPOINT");

    public static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>
    /// Copies the rows of loaded tables, the harness's own columns among them, out to files and with `psql \copy`, in binary, into
    /// empty tables of the same columns, keys and indexes, one after the other.
    /// </summary>
    /// <param name="tables">Quoted names with their schema.</param>
    public async Task<CopyMeasure> CopyAsync(string connection, IReadOnlyList<string> tables, CancellationToken cancellation)
    {
        var measure = new CopyMeasure(0, 0, 0);
        await ExecuteAsync(connection, "DROP SCHEMA IF EXISTS peer CASCADE; CREATE SCHEMA peer");
        string file = Path.Combine(folder, "rows.copy");
        foreach (var (table, index) in tables.Select((t, i) => (t, i)))
        {
            string copy = $"peer.table_{index}";
            await PsqlAsync(connection, $"\\copy (SELECT * FROM {table}) TO '{file}' (FORMAT binary)", cancellation);
            await ExecuteAsync(connection, $"CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)");
            await SettleAsync();
            var copied = await PsqlAsync(connection, $"\\copy {copy} FROM '{file}' (FORMAT binary)", cancellation);
            File.Delete(file);
            long rows = await ScalarAsync<long>(connection, $"SELECT count(*) FROM {copy}"), wanted = await ScalarAsync<long>(connection, $"SELECT count(*) FROM {table}");
            if (rows != wanted)
                throw new InvalidOperationException($"psql copied {rows} of {wanted} rows of {table}.");
            measure = new CopyMeasure(measure.Rows + rows, measure.Seconds + Timing(copied.Output), measure.ProcessSeconds + copied.Seconds);
        }
        await ExecuteAsync(connection, "DROP SCHEMA peer CASCADE");
        return measure;
    }

    /// <summary>Seconds that it takes to read a table's columns and to do nothing with them.</summary>
    public async Task<double> ReadAsync(string connection, string table, CancellationToken cancellation) =>
        Timing((await PsqlAsync(connection, $"\\copy (SELECT * FROM {table}) TO '/dev/null' (FORMAT binary)", cancellation)).Output);

    Task<ChildProcess> PsqlAsync(string connection, string command, CancellationToken cancellation)
    {
        var server = new NpgsqlConnectionStringBuilder(connection);
        return ChildProcess.RunAsync(psql, ["-X", "-v", "ON_ERROR_STOP=1", "-c", "\\timing on", "-c", command], new Dictionary<string, string>
        {
            ["PGHOST"] = server.Host!,
            ["PGPORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = server.Username!,
            ["PGPASSWORD"] = server.Password!,
            ["PGDATABASE"] = server.Database!,
            ["PGSSLMODE"] = "disable",
            ["LC_ALL"] = "C",
        }, cancellation);
    }

    /// <summary>Seconds, from psql's own "Time: 2105.123 ms (00:02.105)".</summary>
    static double Timing(string output)
    {
        string line = output.Split('\n').Last(l => l.StartsWith("Time: ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) / 1000;
    }

    public async ValueTask DisposeAsync()
    {
        string data = server.DataFolder;
        await server.DisposeAsync();
        Directory.Delete(data, recursive: true);
        // Where the server's user cannot reach this folder, the cluster had a folder of its own elsewhere.
        string parent = Path.GetDirectoryName(data)!;
        if (!parent.StartsWith(folder, StringComparison.Ordinal))
            Directory.Delete(parent);
    }
}
