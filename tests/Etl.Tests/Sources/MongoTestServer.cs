using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Etl.Tests.Sources;

/// <summary>An emulator, and libmongoc reading from it over a real socket.</summary>
sealed class MongoTestServer : IAsyncDisposable
{
    public const string Database = "secondNature";

    readonly MongoConnection writer;

    /// <summary>Failures are tried again as often as in life, but soon.</summary>
    public static readonly MongoOptions Quick = new() { FirstPause = 1, LongestPause = 20 };

    /// <param name="through">Makes the URI that is read from: options, a proxy, a login. Default: the server's own.</param>
    /// <param name="writing">The URI that is written to.</param>
    public MongoTestServer(string options = "", MongoServerOptions? server = null, MongoOptions? mongo = null, Func<MongoServer, string>? through = null, Func<MongoServer, string>? writing = null)
    {
        Server = MongoServer.Start(server ?? new MongoServerOptions());
        Contract = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));
        Source = new MongoSource(through?.Invoke(Server) ?? Server.Uri + options, Contract, mongo ?? Quick);
        writer = MongoConnection.Open(writing?.Invoke(Server) ?? Server.Uri);
    }

    public MongoServer Server { get; private set; }
    public Contract Contract { get; }
    public MongoSource Source { get; }

    /// <summary>Scans look at keys alone; any dataset of the contract will do.</summary>
    public Dataset Users => Contract.Datasets[0];

    public Task CreateAsync(string collection = "users") => writer.CommandAsync(Database, Bson.Make(w => w.Write("create", collection)));

    public Task DropAsync(string collection = "users") => writer.CommandAsync(Database, Bson.Make(w => w.Write("drop", collection)));

    /// <summary>Stops the server, as a crash does for its clients, and starts it again on the same port after a while.</summary>
    /// <param name="server">With a data folder, or nothing is there afterwards.</param>
    public async Task RestartAsync(MongoServerOptions server, TimeSpan pause)
    {
        int port = Server.Port;
        await Server.DisposeAsync();
        await Task.Delay(pause);
        Server = MongoServer.Start(server with { Port = port });
    }

    public async Task InsertAsync(IEnumerable<byte[]> documents, string collection = "users")
    {
        foreach (byte[][] some in documents.Chunk(1_000))
            await writer.CommandAsync(Database, Bson.Make(w =>
            {
                w.Write("insert", collection).BeginArray("documents");
                foreach (byte[] document in some)
                    w.WriteDocument(default, document);
                w.End();
            }));
    }

    public Task DeleteAsync(byte[] position, string collection = "users") => writer.CommandAsync(Database, Bson.Make(w => w
        .Write("delete", collection).BeginArray("deletes").BeginDocument().WriteDocument("q", position).Write("limit", 1).End().End()));

    /// <summary>Reads a scan to its end; every document's key as text, batch by batch.</summary>
    public static async Task<List<string[]>> ReadAsync(IDocumentScan scan, int maxDocuments = 10_000, int maxBytes = DocumentBatch.DefaultBytes)
    {
        var batches = new List<string[]>();
        var batch = new DocumentBatch(maxDocuments, maxBytes);
        await using (scan)
            while (await scan.ReadAsync(batch, CancellationToken.None))
            {
                string[] keys = [.. Enumerable.Range(0, batch.Count).Select(i => PositionText.Of(DocumentId.PositionOf(batch[i])))];
                Assert.Equal(keys[^1], PositionText.Of(batch.Position));
                batches.Add(keys);
            }
        return batches;
    }

    public static byte[] Numbered(int id) => Bson.Make(w => w.Write("_id", id));

    public async ValueTask DisposeAsync()
    {
        writer.Dispose();
        await Source.DisposeAsync();
        await Server.DisposeAsync();
    }
}
