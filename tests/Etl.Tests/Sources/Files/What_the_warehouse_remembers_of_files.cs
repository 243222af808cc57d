using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources.Files;
using Etl.Tests.Contracts;
using Tests.Shared;

namespace Etl.Tests.Sources.Files;

public sealed class What_the_warehouse_remembers_of_files : IAsyncLifetime
{
    readonly Contract contract = ContractText.Read(ContractText.Of());
    string connectionString = "";
    Warehouse warehouse = null!;

    Dataset Things => contract.Datasets[0];

    public async ValueTask InitializeAsync()
    {
        connectionString = await Postgres.DatabaseAsync("etl_file_memory");
        warehouse = new Warehouse(connectionString);
        await using var journal = await warehouse.OpenJournalAsync(TimeProvider.System, default);
        await FillAsync();
    }

    public ValueTask DisposeAsync() => warehouse.DisposeAsync();

    Task FillAsync() => Postgres.ExecuteAsync(connectionString, $"CREATE SCHEMA {contract.WarehouseSchema}; CREATE TABLE {Things.RootTable.Sql} AS SELECT 1 AS id");

    PostgresFileMemory Memory(Contract? of = null, string inbox = "/inbox") => new(warehouse, of ?? contract, inbox);

    static SeenFile File(ulong name, long modified = 5, long pending = 0) => new(new Hash128(name, 7), modified, 100, pending);

    static Task<IReadOnlyList<SeenFile?>> RecallAsync(PostgresFileMemory memory, Dataset dataset, params ulong[] names) =>
        memory.RecallAsync(dataset, [.. names.Select(n => new Hash128(n, 7))], default);

    [Fact]
    public async Task Outlives_the_process()
    {
        await Memory().KeepAsync(Things, [File(1), File(2, pending: 9)], default);
        await Memory().KeepAsync(Things, [File(2), File(3), File(3, modified: 8)], default);
        Assert.Equal([File(3, modified: 8), null, File(1), File(2)], await RecallAsync(Memory(), Things, 3, 4, 1, 2));
    }

    [Fact]
    public async Task Is_another_for_another_inbox()
    {
        await Memory().KeepAsync(Things, [File(1)], default);
        Assert.Equal([null], await RecallAsync(Memory(inbox: "/other"), Things, 1));
        Assert.Equal([File(1)], await RecallAsync(Memory(), Things, 1));
    }

    [Fact]
    public async Task Is_forgotten_with_another_contract()
    {
        await Memory().KeepAsync(Things, [File(1)], default);
        var changed = ContractText.Read(ContractText.Of("- { name: age, logicalType: integer }"));
        Assert.Equal([null], await RecallAsync(Memory(changed), changed.Datasets[0], 1));
        Assert.Equal([null], await RecallAsync(Memory(), Things, 1)); // what was read under the other says nothing for this one
    }

    [Theory]
    [InlineData("DELETE FROM")]
    [InlineData("DROP TABLE")]
    public async Task Is_forgotten_where_the_table_is_empty_or_gone(string statement)
    {
        await Memory().KeepAsync(Things, [File(1)], default);
        await Postgres.ExecuteAsync(connectionString, $"{statement} {Things.RootTable.Sql}");
        Assert.Equal([null], await RecallAsync(Memory(), Things, 1));
    }
}
