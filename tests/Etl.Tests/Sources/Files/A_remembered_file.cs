using Etl.Sources;
using Etl.Sources.Files;

namespace Etl.Tests.Sources.Files;

public sealed class A_remembered_file : IDisposable
{
    readonly Inbox inbox = new(FileFormats.Json | FileFormats.Lines);

    public A_remembered_file() => inbox.Options = inbox.Options with { Memory = new FileMemory() };

    public void Dispose() => inbox.Dispose();

    [Fact]
    public async Task Is_not_read_again()
    {
        inbox.Put("a.json", "{}");
        inbox.Put("b.ndjson", "{}\n{}\n");
        Assert.Equal(3, (await inbox.ReadAsync()).Count);
        Assert.Empty(await inbox.ReadAsync());
    }

    /// <summary>Of a sync that was asked for certain days: files of the others must not count as read.</summary>
    [Fact]
    public async Task Is_forgotten_where_something_in_it_was_not_wanted()
    {
        inbox.Put("a.json", """{"wanted":false}""", at: 1);
        inbox.Put("b.json", """{"wanted":true}""", at: 2);
        inbox.Put("c.ndjson", "{\"wanted\":true}\n{\"wanted\":false}\n{\"wanted\":true}\n", at: 3);
        await using (var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null))
        {
            var batch = new DocumentBatch(2); // the file of lines goes over several
            while (await scan.ReadAsync(batch, default))
            {
                for (int i = 0; i < batch.Count; i++)
                    if (Etl.Documents.ExtendedJson.ToString(batch[i]).Contains("false"))
                        scan.Leave(batch[i]);
                await scan.CommittedAsync(default);
            }
        }
        Assert.Equal(["a.json", "c.ndjson#1", "c.ndjson#2", "c.ndjson#3"], (await inbox.ReadAsync()).Select(d => d.Split('"')[3].Split('/')[1]));
        Assert.Empty(await inbox.ReadAsync());
    }

    [Fact]
    public async Task Does_not_hide_one_that_comes_late_with_an_older_time()
    {
        inbox.Put("b.json", "{}", at: 10);
        await inbox.ReadAsync();
        inbox.Put("a.json", "{}", at: 5);
        Assert.Equal(["""{"_id":"things/a.json"}"""], await inbox.ReadAsync());
    }

    [Theory]
    [InlineData("""{"x": 2}""", 7)] // another time
    [InlineData("""{"x": 22}""", 0)] // another size
    public async Task That_was_rewritten_is_read_again(string text, double at)
    {
        inbox.Put("a.json", """{"x": 1}""");
        await inbox.ReadAsync();
        inbox.Put("a.json", text, at);
        Assert.Contains("\"x\":2", Assert.Single(await inbox.ReadAsync()));
        Assert.Empty(await inbox.ReadAsync());
    }

    [Fact]
    public async Task Is_remembered_only_once_its_batch_is_durable()
    {
        for (int i = 0; i < 10; i++)
            inbox.Put($"{i}.json", "{}", i);
        await using (var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null))
        {
            // As the loader does: one batch ahead. Two batches are read, one is durable when the process dies.
            var batch = new DocumentBatch(3);
            Assert.True(await scan.ReadAsync(batch, default));
            Assert.True(await scan.ReadAsync(batch, default));
            await scan.CommittedAsync(default);
        }
        Assert.Equal(["3", "4", "5", "6", "7", "8", "9"], (await inbox.ReadAsync(commit: false)).Select(d => d.Split('/')[1][..1]));
        Assert.Equal(7, (await inbox.ReadAsync()).Count);
        Assert.Empty(await inbox.ReadAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task With_many_lines_is_remembered_with_the_batch_of_the_last(int batchDocuments)
    {
        inbox.Put("a.ndjson", "{}\n{}\n{}\n\n");
        await using (var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null))
        {
            var batch = new DocumentBatch(batchDocuments);
            for (int left = 3; left > batchDocuments; left -= batchDocuments)
            {
                Assert.True(await scan.ReadAsync(batch, default));
                await scan.CommittedAsync(default);
            }
        }
        Assert.Equal(3, (await inbox.ReadAsync(batchDocuments: batchDocuments)).Count);
        Assert.Empty(await inbox.ReadAsync());
    }

    [Fact]
    public async Task Is_read_all_the_same_by_a_reconciliation_which_remembers_nothing()
    {
        inbox.Put("a.json", "{}");
        await inbox.ReadAsync();
        inbox.Put("b.json", "{}");
        var reconciling = new FilesSource(inbox.Options with { ReadsAll = true });
        Assert.Equal(2, (await inbox.ReadAsync(reconciling)).Count);
        Assert.Equal(["""{"_id":"things/b.json"}"""], await inbox.ReadAsync());
    }

    [Fact]
    public async Task Of_which_nobody_keeps_a_memory_is_read_each_time()
    {
        inbox.Options = inbox.Options with { Memory = null };
        inbox.Put("a.json", "{}");
        Assert.Single(await inbox.ReadAsync());
        Assert.Single(await inbox.ReadAsync());
    }
}
