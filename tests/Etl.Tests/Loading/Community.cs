using System.Collections.Concurrent;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Npgsql;
using Quality.Reconciliation;
using Tests.Shared;

namespace Etl.Tests.Loading;

/// <summary>The community pipeline between a source in memory and a real PostgreSQL, and what a test asks of both.</summary>
sealed class Community : IAsyncDisposable
{
    static readonly Dictionary<string, string> Columns = new()
    {
        ["users"] = "user_id, first_name, last_name, age::text, gender, country, post_code, @signed_up_at, group_id, messages_per_day::text",
        ["subscriptions"] = "subscription_id, user_id, subscription_ref, @started_at, plan_id",
        ["plans"] = "plan_id, description, #cost, currency, length::text, length_units, payment_type",
        ["invoices"] = "invoice_id, subscription_id, user_id, #amount, currency, status, @invoiced_at",
        ["groups"] = "group_id, @started_at, health_coach",
        ["messages"] = "thread_id, ordinal::text, user_id, group_id, @sent_at, body",
    };

    Community(string connection, Contract contract)
    {
        (Connection, Contract) = (connection, contract);
        Warehouse = new Warehouse(connection);
        Source.Create("users", "groups", "messages");
    }

    public string Connection { get; }
    public Contract Contract { get; set; }
    public Warehouse Warehouse { get; }
    public MemorySource Source { get; } = new();

    public int Workers { get; set; } = 2;

    /// <summary>The shipped contract with a line for its users: rows whose document is gone stay, marked.</summary>
    public static Contract DeletingSoftly() => A_sync.Edited(text => text
        .Replace("      - { property: partitionBy, value: signUpDate }\n", "      - { property: partitionBy, value: signUpDate }\n      - { property: deletes, value: soft }\n"));

    /// <summary>Drops everything in the warehouse.</summary>
    public Task ForgetAsync() => Postgres.ExecuteAsync(Connection, "DROP SCHEMA IF EXISTS community, quality CASCADE");

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Pipelines", "community");

    static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Databases = new();

    /// <summary>The tests of one class, which run one after the other, share a database: making one takes longer than most of them.</summary>
    /// <param name="test">The class's word before the first underscore, then what the test is about.</param>
    public static async Task<Community> OnAsync(string test)
    {
        string connection = await Databases.GetOrAdd(test.Split('_')[0], name => new Lazy<Task<string>>(() => CreateAsync($"loading_{name}"))).Value;
        var community = new Community(connection, ContractReader.Read(Folder));
        await community.ForgetAsync();
        return community;
    }

    static async Task<string> CreateAsync(string database)
    {
        string connection = await Postgres.DatabaseAsync(database);
        await Postgres.ExecuteAsync(connection, $"ALTER DATABASE \"{database}\" SET synchronous_commit = off");
        return connection;
    }

    public Task<SyncResult> SyncAsync(int batch = 10_000, IProgress<SyncProgress>? progress = null, params string[] datasets) => SyncByAsync(Warehouse, batch, progress, datasets);

    /// <summary>By another way into the same warehouse.</summary>
    public Task<SyncResult> SyncByAsync(Warehouse way, int batch = 10_000, IProgress<SyncProgress>? progress = null, params string[] datasets) =>
        new Synchronizer(Contract, Source, way, TimeProvider.System).RunAsync(new SyncOptions
        {
            BatchDocuments = batch,
            Workers = Workers,
            Progress = progress,
            Datasets = datasets.Length == 0 ? null : [.. Contract.Datasets.Where(d => datasets.Contains(d.Name))],
        }, CancellationToken.None);

    public void Put(params Person[] people)
    {
        foreach (var person in people)
            Source.Put("users", person.ToBson());
    }

    public void PutGroup(int id, string? coach) => Source.Put("groups", Bson.Make(w =>
    {
        w.WriteObjectId("_id", Person.ObjectId('g', id)).WriteDateTime("startDate", 1_591_056_000_000);
        Person.Any(w, "healthCoach", coach);
    }));

    public void PutThread(int id, params string[] bodies) => Source.Put("messages", Bson.Make(w =>
    {
        w.WriteObjectId("_id", Person.ObjectId('t', id)).WriteObjectId("userId", Person.ObjectId('a', id)).WriteObjectId("groupId", Person.ObjectId('g', 1))
            .WriteDateTime("latestMessageDate", 0).BeginArray("messages");
        for (int i = 0; i < bodies.Length; i++)
            w.BeginDocument().WriteDateTime("messageDate", i * 1000L).Write("message", bodies[i]).End();
        w.End();
    }));

    /// <summary>A table's rows as text, in order.</summary>
    public async Task<List<string>> RowsAsync(string table)
    {
        var cells = Columns[table].Split(", ").Select(c => c[0] switch
        {
            '@' => $"to_char({c[1..]} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')",
            '#' => $"trim_scale({c[1..]})::text",
            _ => c,
        });
        return await ListAsync($"SELECT concat_ws('|', {string.Join(", ", cells.Select(c => $"coalesce({c}, '∅')"))}) COLLATE \"C\" AS row FROM {Contract.Tables.Single(t => t.Name == table).Live} ORDER BY row");
    }

    public async Task<List<string>> ListAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync();
        return await connection.ListAsync<string>(sql, CancellationToken.None);
    }

    /// <summary>What quarantine has open, without what differs from run to run.</summary>
    public Task<List<string>> QuarantineAsync() =>
        ListAsync("SELECT concat_ws(' ', dataset, document_key, rule, path, held_back::text, media_type, document_hash::text) FROM quality.quarantine WHERE state = 'open' ORDER BY 1");

    /// <summary>Keys and indexes of the loaded tables.</summary>
    public Task<List<string>> IndexesAsync() => ListAsync("SELECT indexdef FROM pg_indexes WHERE schemaname = 'community' ORDER BY 1");

    /// <summary>What the product's other half says, which reads source and tables anew.</summary>
    public Task<ReconcileResult> ReconcileAsync(params string[] datasets) => new Reconciler(Contract, Source, Warehouse, TimeProvider.System)
        .RunAsync(new ReconcileOptions { Datasets = datasets.Length == 0 ? null : [.. Contract.Datasets.Where(d => datasets.Contains(d.Name))] }, CancellationToken.None);

    /// <summary>Candidates for dimensions that are left over, and scans that are not at their end.</summary>
    public async Task<long> LeftoversAsync() => await CountAsync("SELECT count(*) FROM quality.\"candidates_community.plans\"")
        + await CountAsync("SELECT (SELECT count(*) FROM quality.checkpoints WHERE state <> 'complete') + (SELECT count(*) FROM quality.scans WHERE state <> 'complete')");

    public async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync();
        return await connection.ScalarAsync<long>(sql, CancellationToken.None);
    }

    public Task ExecuteAsync(string sql) => Postgres.ExecuteAsync(Connection, sql);

    /// <summary>The tables that people become hold exactly their rows.</summary>
    public async Task HoldsAsync(params Person[] people)
    {
        foreach (string table in (string[])["users", "subscriptions", "invoices"])
            Assert.Equal(Sorted(people.SelectMany(p => p.Rows()).Where(r => r.Table == table).Select(r => r.Row)), await RowsAsync(table));
    }

    public static string[] Sorted(IEnumerable<string> rows) => [.. rows.Order(StringComparer.Ordinal)];

    /// <summary>Promise I1, asked of the journal: documents, rows, and rows before and after.</summary>
    public async Task BooksCloseAsync(SyncResult result)
    {
        Assert.All(result.Documents, d => Assert.True(d.Balances, $"{d}"));
        Assert.All(result.Tables, t => Assert.True(t.Balances && t.TableBalances, $"{t}"));
        Assert.True(result.Verdict == Verdict.Reconciled, result.Reason);
        Assert.Equal(Sorted(result.Documents.Select(d => string.Join(' ', d.Dataset, d.Read, d.Loaded, d.Unchanged, d.Deleted, d.Quarantined, d.Duplicate, d.Superseded, d.Filtered))),
            await ListAsync($"SELECT concat_ws(' ', dataset, read, loaded, unchanged, deleted, quarantined, duplicate, superseded, filtered) COLLATE \"C\" FROM quality.ledger WHERE run_id = {result.Run} ORDER BY 1"));
        Assert.Equal(Sorted(result.Tables.Select(t => string.Join(' ', t.Table.QualifiedName, t.Produced, t.Inserted, t.Updated, t.Unchanged, t.Merged, t.Removed))),
            await ListAsync($"SELECT concat_ws(' ', table_name, produced, inserted, updated, unchanged, merged, removed) COLLATE \"C\" FROM quality.table_ledger WHERE run_id = {result.Run} ORDER BY 1"));
        Assert.Equal(0, await CountAsync($"""
            SELECT (SELECT count(*) FROM quality.table_ledger WHERE run_id = {result.Run}
                      AND (rows_after IS DISTINCT FROM rows_before + inserted - removed OR produced <> inserted + updated + unchanged + merged))
                 + (SELECT count(*) FROM quality.ledger WHERE run_id = {result.Run}
                      AND read <> loaded + unchanged + deleted + quarantined + duplicate + superseded + filtered)
            """));
    }

    /// <summary>Promise I3: once more, nothing is written.</summary>
    public async Task NothingChangesAsync(int batch = 10_000, params string[] datasets)
    {
        var again = await SyncAsync(batch, null, datasets);
        await BooksCloseAsync(again);
        Assert.All(again.Tables, t => Assert.Equal((0L, 0L, 0L), (t.Inserted, t.Updated, t.Removed)));
        Assert.All(again.Documents, d => Assert.Equal(0, d.Loaded));
    }

    public ValueTask DisposeAsync() => Warehouse.DisposeAsync();
}
