using BenchmarkDotNet.Attributes;
using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Wire;
using Etl.Documents;
using Etl.Sources.Mongo;

namespace Benchmarks;

/// <summary>Reading documents of 300 bytes out of the emulator through libmongoc: one client, one cursor, both in one process. The time is that of one document.</summary>
[MemoryDiagnoser]
public class EmulatorReadBenchmarks
{
    const int Documents = 200_000, DocumentBytes = 300, InsertBatch = 10_000;

    static readonly byte[] Everything = Bson.Make(static _ => { });
    static readonly byte[] ById = Bson.Make(static w => w.BeginDocument("sort").Write("_id", 1).End());

    MongoServer server = null!;
    MongoConnection connection = null!;

    [GlobalSetup]
    public async Task Fill()
    {
        server = MongoServer.Start(new MongoServerOptions());
        connection = MongoConnection.Open(server.Uri);
        await using var client = await WireClient.ConnectAsync("127.0.0.1", server.Port);
        byte[] command = Bson.Make(w => w.Write("insert", "documents").Write("$db", "bench"));
        foreach (int[] some in Enumerable.Range(0, Documents).Chunk(InsertBatch))
            await client.RunAsync(command, "documents", some.Select(id => Document(id, DocumentBytes - Document(id, 0).Length)));
    }

    static byte[] Document(int id, int padding) => Bson.Make(w => w
        .Write("_id", id).Write("name", $"user {id:D8}").Write("age", id % 80).Write("score", id / 7.0).Write("active", id % 2 == 0)
        .WriteDateTime("at", 1_700_000_000_000 + id).Write("city", "Oslo").Write("text", new string('x', padding)));

    [Benchmark(OperationsPerInvoke = Documents)]
    public long InTheOrderOfInsertion() => Read(Everything);

    [Benchmark(OperationsPerInvoke = Documents)]
    public long InTheOrderOfIds() => Read(ById);

    long Read(byte[] options)
    {
        long bytes = 0;
        using var cursor = connection.Find("bench", "documents", Everything, options);
        while (cursor.Next())
            bytes += cursor.Current.Length;
        return bytes == (long)Documents * DocumentBytes ? bytes : throw new InvalidOperationException($"Read {bytes} bytes, not {(long)Documents * DocumentBytes}.");
    }

    [GlobalCleanup]
    public async Task Stop()
    {
        connection.Dispose();
        await server.DisposeAsync();
    }
}
