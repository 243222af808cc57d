using Chaos.MongoEmulator.Wire;
using Quality.Sandbox;
using Tests.Shared;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class An_embedded_MongoDB : IDisposable
{
    readonly string folder = Scratch.Folder("test");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    Task<EmbeddedMongo> Start() => EmbeddedMongo.StartAsync(folder, TimeProvider.System, TestContext.Current.CancellationToken);

    static async Task<string?> Count(EmbeddedMongo mongo)
    {
        await using var client = await WireClient.ConnectAsync("127.0.0.1", new Uri(mongo.Uri).Port);
        return Field(await client.RunAsync(Doc(("count", "c"), ("$db", "test"))), "n");
    }

    static async Task Insert(EmbeddedMongo mongo)
    {
        await using var client = await WireClient.ConnectAsync("127.0.0.1", new Uri(mongo.Uri).Port);
        await client.RunAsync(Doc(("insert", "c"), ("$db", "test")), "documents", [Doc(("a", 1))]);
    }

    [Fact]
    public async Task Is_shared_by_all_who_start_it_and_stopped_by_the_first()
    {
        await using var first = await Start();
        await using (var second = await Start())
        {
            Assert.Equal((false, true, first.Uri), (first.IsShared, second.IsShared, second.Uri));
            await Insert(second);
        }
        Assert.Equal("1", await Count(first));
    }

    [Fact]
    public async Task Keeps_its_documents_and_takes_over_from_a_record_left_behind()
    {
        await using (var first = await Start())
            await Insert(first);
        await File.WriteAllTextAsync(Path.Combine(folder, "mongo", "port"), "1");
        await using var next = await Start();
        Assert.False(next.IsShared);
        Assert.Equal("1", await Count(next));
    }
}
