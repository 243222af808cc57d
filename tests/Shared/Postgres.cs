using Npgsql;

namespace Tests.Shared;

/// <summary>Databases for tests, on the server that QUALITY_TEST_POSTGRES names.</summary>
public static class Postgres
{
    /// <summary>Drops and creates the database.</summary>
    /// <returns>Its connection string, for Npgsql.</returns>
    public static async Task<string> DatabaseAsync(string name)
    {
        var server = Environment.GetEnvironmentVariable("QUALITY_TEST_POSTGRES");
        Assert.SkipWhen(server is null, "QUALITY_TEST_POSTGRES names no server");
        await ExecuteAsync(server!, $"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
        await ExecuteAsync(server!, $"CREATE DATABASE \"{name}\"");
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
