using System.Collections.Concurrent;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Etl.Tests.Contracts;
using Npgsql;
using Quality.Reconciliation;
using Tests.Shared;

namespace Etl.Tests.Loading;

/// <summary>A dataset of events with a latest and a history table, between a source in memory and a real PostgreSQL.</summary>
sealed class Events : IAsyncDisposable
{
    const string Text = """
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:test:events
        name: events
        version: 1.0.0
        status: active
        servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: files }, { property: folder, value: nowhere }] }]
        schema:
          - name: happenings
            customProperties:
              - { property: load, value: events }
              - { property: partitionBy, value: meta.at }
              - property: latest
                value: [{ table: now, key: [who], orderBy: [at], columns: [who, says, id] }]
              - property: history
                value: [{ table: states, schema: told, key: [who], orderBy: [at], validFrom: at, deletedWhen: { column: says, values: [gone] }, columns: [id, who, says] }]
            properties:
              - name: meta
                logicalType: object
                required: true
                properties:
                  - { name: id, logicalType: string, primaryKey: true, required: true, customProperties: [{ property: column, value: id }] }
                  - name: at
                    logicalType: timestamp
                    required: true
                    customProperties: [{ property: column, value: at }, { property: dateFormat, value: "yyyy-MM-dd HH:mm:ss" }, { property: zone, value: UTC }]
              - { name: who, logicalType: integer, required: true }
              - { name: says, logicalType: string }
        """;

    /// <summary>Events without an id of their own: content is identity.</summary>
    public static Contract ByContent() => ContractText.Read(Text
        .Replace("{ name: id, logicalType: string, primaryKey: true, required: true, customProperties: [{ property: column, value: id }] }", "{ name: id, logicalType: string, customProperties: [{ property: column, value: id }] }")
        .Replace("properties:\n      - name: meta", "properties:\n      - { name: sk, logicalType: integer, primaryKey: true, customProperties: [{ property: identity, value: contentHash }] }\n      - name: meta")
        .Replace("columns: [id, who, says]", "columns: [sk, id, who, says]"));

    /// <summary>The tables follow the source whole: what is gone there goes.</summary>
    public static Contract Whole() => ContractText.Read(string.Join('\n', Text.Split('\n').Where(l => !l.Contains("load, value: events") && !l.Contains("latest") && !l.Contains("history") && !l.Contains("value: [{ table:"))));

    static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Databases = new();

    Events(string connection, Contract contract)
    {
        (Connection, Contract, Warehouse) = (connection, contract, new Warehouse(connection));
        Source.Create("happenings");
    }

    public string Connection { get; }
    public Contract Contract { get; set; }
    public Warehouse Warehouse { get; }
    public MemorySource Source { get; } = new();
    public int RememberedKeys { get; init; } = new SyncOptions().RememberedKeys;

    /// <param name="test">The class's word before the first underscore, then what the test is about.</param>
    public static async Task<Events> OnAsync(string test, Contract? contract = null, int? rememberedKeys = null)
    {
        string connection = await Databases.GetOrAdd(test.Split('_')[0], name => new Lazy<Task<string>>(() => Postgres.DatabaseAsync($"events_{name}"))).Value;
        var events = new Events(connection, contract ?? ContractText.Read(Text)) { RememberedKeys = rememberedKeys ?? new SyncOptions().RememberedKeys };
        await events.ForgetAsync();
        return events;
    }

    /// <summary>Drops everything in the warehouse.</summary>
    public Task ForgetAsync() => Postgres.ExecuteAsync(Connection, "DROP SCHEMA IF EXISTS events, told, quality CASCADE");

    public void Put(params Happening[] happenings)
    {
        foreach (var happening in happenings)
            Source.Put("happenings", happening.Position, happening.ToBson());
    }

    public void Take(Happening happening) => Source.Remove("happenings", happening.Position);

    public Task<SyncResult> SyncAsync(int batch = 10_000, DayRange? days = null) => SyncAsync(Source, batch, days);

    public Task<SyncResult> SyncAsync(IDocumentSource source, int batch = 10_000, DayRange? days = null) =>
        new Synchronizer(Contract, source, Warehouse, TimeProvider.System).RunAsync(new SyncOptions { BatchDocuments = batch, Days = days, RememberedKeys = RememberedKeys }, CancellationToken.None);

    public Task<ReconcileResult> ReconcileAsync(IDocumentSource? source = null) => new Reconciler(Contract, source ?? Source, Warehouse, TimeProvider.System).RunAsync(new ReconcileOptions(), CancellationToken.None);

    public Task<List<string>> EventsAsync() => ListAsync("SELECT concat_ws('|', id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), who, says) COLLATE \"C\" AS r FROM events.happenings ORDER BY r");

    public Task<List<string>> NowAsync() => ListAsync("SELECT concat_ws('|', who, says, id) COLLATE \"C\" AS r FROM events.now ORDER BY r");

    public Task<List<string>> StatesAsync() => ListAsync("""
        SELECT concat_ws('|', who, id, says, to_char(valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), coalesce(to_char(valid_to AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '∅'), is_valid, is_deleted) COLLATE "C" AS r
        FROM told.states ORDER BY r
        """);

    public async Task<List<string>> ListAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync();
        return await connection.ListAsync<string>(sql, CancellationToken.None);
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync();
        return await connection.ScalarAsync<long>(sql, CancellationToken.None);
    }

    public Task ExecuteAsync(string sql) => Postgres.ExecuteAsync(Connection, sql);

    /// <summary>Promise I1, in memory and in the journal.</summary>
    public async Task BooksCloseAsync(SyncResult result)
    {
        Assert.All(result.Documents, d => Assert.True(d.Balances, $"{d}"));
        Assert.All(result.Tables, t => Assert.True(t.Balances && t.TableBalances, $"{t}"));
        Assert.Equal(Verdict.Reconciled, result.Verdict);
        Assert.Equal(0, await CountAsync($"SELECT count(*) FROM quality.table_ledger WHERE run_id = {result.Run} AND (rows_after IS DISTINCT FROM rows_before + inserted - removed OR produced <> inserted + updated + unchanged + merged)"));
        Assert.Equal(result.Documents.Sum(d => d.Read), await CountAsync($"SELECT coalesce(sum(loaded + unchanged + deleted + quarantined + duplicate + superseded + filtered), 0)::bigint FROM quality.ledger WHERE run_id = {result.Run}"));
    }

    /// <summary>Promise I3.</summary>
    public async Task NothingChangesAsync(int batch = 10_000)
    {
        string before = string.Join('\n', (await EventsAsync()).Concat(await NowAsync()).Concat(await StatesAsync()));
        var again = await SyncAsync(batch);
        await BooksCloseAsync(again);
        Assert.All(again.Tables, t => Assert.Equal((0L, 0L, 0L), (t.Inserted, t.Updated, t.Removed)));
        Assert.All(again.Documents, d => Assert.Equal(0, d.Loaded));
        Assert.Equal(before, string.Join('\n', (await EventsAsync()).Concat(await NowAsync()).Concat(await StatesAsync())));
    }

    public ValueTask DisposeAsync() => Warehouse.DisposeAsync();
}
