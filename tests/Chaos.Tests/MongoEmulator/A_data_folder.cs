using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Wire;
using Etl;
using Tests.Shared;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_data_folder : IDisposable
{
    readonly string folder = Scratch.Folder("emulator");
    readonly List<string> log = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<string> With(Func<Func<byte[], Task<byte[]>>, Task<string>> work)
    {
        await using var server = MongoServer.Start(new MongoServerOptions { DataFolder = folder, Log = log.Add });
        await using var client = await WireClient.ConnectAsync("127.0.0.1", server.Port);
        return await work(command => client.RunAsync(command));
    }

    static byte[] Command(string name, object? value, params (string, object?)[] more) => Doc([(name, value), .. more, ("$db", "test")]);

    Task<string> Fill(int count) => With(async run =>
    {
        await run(Command("insert", "c", ("documents", Enumerable.Range(0, count).Select(i => (object?)Doc(("_id", i), ("text", $"text {i}"))).ToArray())));
        return "";
    });

    Task<string> All() => With(async run => Field(await run(Command("find", "c", ("batchSize", 100_000))), "cursor.firstBatch._id")!);

    string LogFile => Assert.Single(Directory.GetFiles(folder, "*.log"));

    [Fact]
    public async Task Keeps_documents_indexes_and_order_over_a_restart()
    {
        await With(async run =>
        {
            await run(Command("insert", "c", ("documents", new object?[] { Doc(("_id", 3), ("a", 1)), Doc(("_id", "x"), ("a", 1)), Doc(("_id", 1), ("a", 1)), Doc(("_id", 2)) })));
            await run(Command("update", "c", ("updates", new object?[] { Doc(("q", Doc(("_id", 3))), ("u", Doc(("$set", Doc(("a", 2)))))) })));
            await run(Command("delete", "c", ("deletes", new object?[] { Doc(("q", Doc(("_id", 2))), ("limit", 1)) })));
            await run(Command("createIndexes", "c", ("indexes", new object?[] { Doc(("key", Doc(("a", 1))), ("name", "by a")) })));
            await run(Command("create", "empty"));
            await run(Command("insert", "gone", ("documents", new object?[] { Doc() })));
            await run(Command("drop", "gone"));
            return "";
        });
        Assert.Equal("[ { _id: 3, a: 2 }, { _id: \"x\", a: 1 }, { _id: 1, a: 1 } ]", await With(async run => Field(await run(Command("find", "c")), "cursor.firstBatch")!));
        Assert.Equal("[ \"_id_\", \"by a\" ]", await With(async run => Field(await run(Command("listIndexes", "c")), "cursor.firstBatch.name")!));
        Assert.Equal("[ \"c\", \"empty\" ]", await With(async run => Field(await run(Command("listCollections", 1)), "cursor.firstBatch.name")!));
        Assert.Empty(log);
    }

    [Fact]
    public async Task Never_lets_the_clock_go_back()
    {
        string before = await With(async run => Field(await run(Command("insert", "c", ("documents", new object?[] { Doc() }))), "operationTime")!);
        string after = await With(async run => Field(await run(Command("ping", 1)), "operationTime")!);
        Assert.True(Seconds(after) > Seconds(before), $"{before} {after}");

        static long Seconds(string timestamp) => long.Parse(timestamp.Split('(', ',')[1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(30)]
    public async Task Loses_only_a_torn_tail_and_says_so(int cut)
    {
        await Fill(10);
        using (var file = new FileStream(LogFile, FileMode.Open))
            file.SetLength(file.Length - cut);
        Assert.Equal("[ 0, 1, 2, 3, 4, 5, 6, 7, 8 ]", await All());
        Assert.Contains("bytes of an unfinished write at the end were cut off", Assert.Single(log));
        Assert.Equal("[ 0, 1, 2, 3, 4, 5, 6, 7, 8 ]", await All());
        Assert.Single(log);
    }

    [Fact]
    public async Task Names_the_file_that_is_damaged_elsewhere()
    {
        await Fill(10);
        foreach (int at in new[] { 3, 9, 60, 400 })
        {
            byte[] bytes = await File.ReadAllBytesAsync(LogFile);
            bytes[at] ^= 0x10;
            await File.WriteAllBytesAsync(LogFile, bytes);
            var e = Assert.Throws<UnavailableException>(() => MongoServer.Start(new MongoServerOptions { DataFolder = folder }));
            Assert.Contains(LogFile, e.Message);
            Assert.Contains("is damaged at byte", e.Message);
            bytes[at] ^= 0x10;
            await File.WriteAllBytesAsync(LogFile, bytes);
        }
        Assert.StartsWith("[ 0, 1,", await All());
    }

    [Fact]
    public async Task Is_written_anew_at_the_start_when_most_of_it_is_dead()
    {
        await Fill(5000);
        await With(async run => Field(await run(Command("delete", "c", ("deletes", new object?[] { Doc(("q", Doc(("_id", Doc(("$gte", 10))))), ("limit", 0)) }))), "n")!);
        long before = new FileInfo(LogFile).Length;
        Assert.Equal("[ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 ]", await All());
        Assert.True(new FileInfo(LogFile).Length < before / 100);
        Assert.Equal("[ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 ]", await All());
    }

    [Fact]
    public async Task Belongs_to_one_server()
    {
        await using var first = MongoServer.Start(new MongoServerOptions { DataFolder = folder });
        var e = Assert.Throws<UnavailableException>(() => MongoServer.Start(new MongoServerOptions { DataFolder = folder }));
        Assert.Contains("is in use by another process", e.Message);
    }
}
