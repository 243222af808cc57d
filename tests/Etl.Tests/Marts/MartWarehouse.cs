using Etl.Contracts;
using Etl.Loading;
using Etl.Marts;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Marts;

/// <summary>The tables of a shipped contract, filled by a test, and the marts made of them. Sessions are far from UTC.</summary>
sealed class MartWarehouse : IAsyncDisposable
{
    readonly Warehouse warehouse;
    readonly NpgsqlConnection connection;

    MartWarehouse(Contract contract, Warehouse warehouse, NpgsqlConnection connection) => (Contract, this.warehouse, this.connection) = (contract, warehouse, connection);

    public Contract Contract { get; }

    public static async Task<MartWarehouse> OfAsync(string pipeline, string test)
    {
        string database = await Postgres.DatabaseAsync($"marts_{test}");
        await Postgres.ExecuteAsync(database, $"ALTER DATABASE marts_{test} SET timezone = 'Pacific/Auckland'; ALTER DATABASE marts_{test} SET datestyle = 'German'");
        var contract = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", pipeline));
        var warehouse = new Warehouse(database);
        var connection = await warehouse.OpenJournalAsync(TimeProvider.System, CancellationToken.None);
        foreach (string statement in contract.Tables.SelectMany(t => TableSql.Create(t).Prepend(TableSql.CreateSchema(t))))
            await connection.RunAsync(statement, CancellationToken.None);
        return new MartWarehouse(contract, warehouse, connection);
    }

    /// <summary>Rows of values, in the order of the columns.</summary>
    public async Task FillAsync(string table, string columns, IEnumerable<object?[]> rows)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (object?[] row in rows)
            await connection.RunAsync($"INSERT INTO {table} ({columns}) VALUES ({string.Join(", ", Enumerable.Range(1, row.Length).Select(i => $"${i}"))})", CancellationToken.None, row);
        await transaction.CommitAsync();
    }

    public async Task<MartBuild> BuildAsync()
    {
        var run = await Run.BeginAsync(connection, Contract, "sync", null, null, TimeProvider.System, CancellationToken.None);
        return await new MartBuilder(connection, Contract, run, TimeProvider.System).RunAsync(CancellationToken.None);
    }

    /// <summary>Makes the marts twice: the second time nothing may be written.</summary>
    public async Task BuildWholeAsync()
    {
        var build = await BuildAsync();
        Assert.True(build.Verdict == Verdict.Reconciled, build.Trouble);
        Assert.All(build.Marts, m => Assert.True(m.Built));
        Assert.Equal(Contract.Marts.Sum(m => m.Checks.Count + (m.IsView ? 0 : 1)), build.Checks.Count);
        Assert.All((await BuildAsync()).Marts, m => Assert.Equal((true, 0, 0), (m.Built, m.Inserted, m.Removed)));
    }

    public Task RunAsync(string sql) => connection.RunAsync(sql, CancellationToken.None);

    public Task<List<string>> ListAsync(string sql) => connection.ListAsync<string>(sql, CancellationToken.None);

    /// <summary>The rows of a mart as text, NULL as ∅, in order.</summary>
    public Task<List<string>> RowsAsync(string mart, params string[] columns) =>
        ListAsync($"SELECT concat_ws('|', {string.Join(", ", columns.Select(c => $"coalesce({c}::text, '∅')"))}) COLLATE \"C\" FROM {mart} ORDER BY 1");

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await warehouse.DisposeAsync();
    }
}
