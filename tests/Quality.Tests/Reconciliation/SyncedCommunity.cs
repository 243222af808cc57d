using Chaos.Generation;
using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources.Mongo;
using Npgsql;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>A generated community in an emulator, and a warehouse that was synced from it.</summary>
sealed class SyncedCommunity : IAsyncDisposable
{
    public const string Masked = "***";

    MongoConnection writer = null!;

    public required MongoServer Server { get; init; }
    public required Contract Contract { get; init; }
    public required MongoSource Source { get; init; }
    public required Warehouse Warehouse { get; init; }
    public required string Database { get; init; }
    public GenerationSummary Generated { get; private set; } = null!;

    public static string ShippedContract => Path.Combine(AppContext.BaseDirectory, "Pipelines", "community");

    /// <param name="contractFolder">Another contract than the shipped one; nothing is generated then.</param>
    /// <param name="before">Done to the source before the sync.</param>
    public static async Task<SyncedCommunity> StartAsync(string database, string? contractFolder = null, Func<SyncedCommunity, Task>? before = null, bool sync = true)
    {
        string connection = await Postgres.DatabaseAsync(database);
        var server = MongoServer.Start(new MongoServerOptions());
        var contract = ContractReader.Read(contractFolder ?? ShippedContract);
        var community = new SyncedCommunity
        {
            Server = server,
            Contract = contract,
            Source = new MongoSource(server.Uri, contract),
            Warehouse = new Warehouse(connection),
            Database = connection,
            writer = MongoConnection.Open(server.Uri),
        };
        if (contractFolder is null)
            community.Generated = await CommunityGenerator.ForMongo(community.writer, new CommunityOptions { Days = 12, SignUpsPerDay = 8 }).GenerateDaysAsync();
        if (before is not null)
            await before(community);
        if (sync)
            await community.SyncAsync();
        return community;
    }

    public Task<SyncResult> SyncAsync() => new Synchronizer(Contract, Source, Warehouse, TimeProvider.System).RunAsync(new SyncOptions(), CancellationToken.None);

    public Task<ReconcileResult> ReconcileAsync(Level level = Level.Contents, IProgress<ReconcileProgress>? progress = null, ReconcileOptions? options = null) =>
        new Reconciler(Contract, Source, Warehouse, TimeProvider.System).RunAsync((options ?? new ReconcileOptions()) with { Level = level, Progress = progress }, CancellationToken.None);

    public Task<RepairResult> RepairAsync(bool deleteUnexpected = false, ReconcileOptions? options = null) =>
        new Repairer(Contract, Source, Warehouse, TimeProvider.System).RunAsync(options ?? new ReconcileOptions(), deleteUnexpected, CancellationToken.None);

    public Table Table(string name) => Contract.Tables.Single(t => t.Name == name);

    /// <returns>Rows that the statement touched.</returns>
    public async Task<int> ExecuteAsync(string sql)
    {
        await using var connection = await Warehouse.OpenAsync(CancellationToken.None);
        return await connection.RunAsync(sql, CancellationToken.None);
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await Warehouse.OpenAsync(CancellationToken.None);
        return await connection.ScalarAsync<T>(sql, CancellationToken.None);
    }

    public async Task<List<T>> ListAsync<T>(string sql)
    {
        await using var connection = await Warehouse.OpenAsync(CancellationToken.None);
        return await connection.ListAsync<T>(sql, CancellationToken.None);
    }

    /// <summary>Contract and own columns of every table: what a second run must not touch.</summary>
    public async Task<string> FingerprintAsync()
    {
        var all = new List<string>();
        foreach (var table in Contract.Tables)
            all.Add(await ScalarAsync<string>($"SELECT coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM {table.Sql} t"));
        return string.Join(' ', all);
    }

    /// <summary>Runs a command on the source; what an application would do there.</summary>
    public Task<byte[]> CommandAsync(Action<BsonWriter> write) => writer.CommandAsync(Contract.Database!, Bson.Make(write));

    public Task InsertAsync(string collection, params byte[][] documents) => CommandAsync(w =>
    {
        w.Write("insert", collection).BeginArray("documents");
        foreach (byte[] document in documents)
            w.WriteDocument(default, document);
        w.End();
    });

    /// <summary>Sets fields of one document, by its ObjectId.</summary>
    public Task SetAsync(string collection, string id, Action<BsonWriter> fields) => CommandAsync(w =>
    {
        w.Write("update", collection).BeginArray("updates").BeginDocument();
        w.BeginDocument("q").WriteObjectId("_id", Convert.FromHexString(id)).End();
        w.BeginDocument("u").BeginDocument("$set");
        fields(w);
        w.End().End().End().End();
    });

    public Task DeleteAsync(string collection, string id) => CommandAsync(w => w
        .Write("delete", collection).BeginArray("deletes").BeginDocument().BeginDocument("q").WriteObjectId("_id", Convert.FromHexString(id)).End().Write("limit", 1).End().End());

    /// <summary>A user that the contract takes, with a subscription and one invoice.</summary>
    /// <param name="number">Different numbers, different keys.</param>
    public static byte[] User(int number, string firstName = "Ada", int? age = 36, string plan = "1234", Action<BsonWriter>? more = null) => Bson.Make(w =>
    {
        w.WriteObjectId("_id", Id(0xAA, number)).Write("firstname", firstName);
        if (age is { } years)
            w.Write("age", years);
        w.WriteDateTime("signUpDate", 1_600_000_000_000);
        more?.Invoke(w);
        w.BeginDocument("subscriptions").WriteObjectId("_id", Id(0xBB, number)).WriteObjectId("subscriptionID", Id(0xCC, number)).WriteDateTime("startDate", 1_600_000_000_000);
        w.BeginDocument("planType").Write("planID", plan).Write("planDescription", $"Plan {plan}").Write("planCost", 59.99).Write("paymentType", "repeat").End();
        w.BeginArray("invoices").BeginDocument().WriteObjectId("_id", Id(0xDD, number)).Write("amount", 1.5).End().End();
        w.End();
    });

    public static string UserId(int number) => Convert.ToHexStringLower(Id(0xAA, number));

    public static byte[] SubscriptionId(int number) => Id(0xBB, number);

    static byte[] Id(byte kind, int number) => [kind, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(number).Reverse()];

    public async ValueTask DisposeAsync()
    {
        writer.Dispose();
        await Source.DisposeAsync();
        await Warehouse.DisposeAsync();
        await Server.DisposeAsync();
    }
}
