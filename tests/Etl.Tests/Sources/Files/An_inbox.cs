using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Files;

namespace Etl.Tests.Sources.Files;

public sealed class An_inbox : IDisposable
{
    readonly Inbox inbox = new();

    public void Dispose() => inbox.Dispose();

    [Fact]
    public async Task Gives_each_file_as_a_document_behind_its_position()
    {
        inbox.Put("a.json", """{"x": 1, "y": [1.50, "z\n"], "_id": 7}""");
        Assert.Equal(["""{"_id":"things/a.json","x":1,"y":[{"$numberDecimal":"1.50"},"z\n"],"_source_id":7}"""], await inbox.ReadAsync());
    }

    [Fact]
    public async Task Is_read_in_the_order_of_change_then_name()
    {
        foreach (var (name, at) in ((string, double)[])[("c.json", 1), ("a.json", 3), ("b.json", 2), ("d.json", 1)])
            inbox.Put(name, "{}", at);
        Assert.Equal(["c", "d", "b", "a"], (await inbox.ReadAsync()).Select(d => d.Split('/')[1][..1]));
    }

    [Fact]
    public async Task Is_read_in_order_however_many_readers_and_batches_there_are()
    {
        string[] names = [.. Enumerable.Range(0, 5000).Select(i => $"{i:D5}.json")];
        foreach (string name in names)
            inbox.Put(name, $$"""{"n": "{{new string('x', name[3] * 7)}}"}""");
        foreach (int batch in (int[])[1, 7, 1000, 10_000])
            Assert.Equal(names, (await inbox.ReadAsync(batchDocuments: batch)).Select(d => d[15..25]));
    }

    [Fact]
    public async Task Counts_json_files_alone()
    {
        foreach (string name in (string[])["__id_counter", "x.json.tmp", ".x.json", "x.JSON", "x.ndjson", "x.json.gz", "json", "x.json~"])
            inbox.Put(name, "{}");
        var source = inbox.Source();
        Assert.Empty(await inbox.ReadAsync(source));
        Assert.Equal((0, 0), (source.Effort.Pending, source.Effort.Remarks.Count));
    }

    [Fact]
    public async Task Is_left_as_it_was()
    {
        inbox.Put("good.json", "{}");
        inbox.Put("bad.json", "{");
        inbox.Now = TimeSpan.FromHours(1);
        var before = Directory.EnumerateFiles(inbox.Folder).Order().Select(f => (f, File.GetLastWriteTimeUtc(f), File.ReadAllText(f))).ToArray();
        await inbox.ReadAsync();
        Assert.Equal(before, Directory.EnumerateFiles(inbox.Folder).Order().Select(f => (f, File.GetLastWriteTimeUtc(f), File.ReadAllText(f))));
    }

    [Fact]
    public async Task That_is_missing_is_an_error_that_says_what_to_do()
    {
        inbox.Options = inbox.Options with { Inbox = Path.Combine(inbox.Root, "nowhere"), Variable = "THE_INBOX" };
        var error = await Assert.ThrowsAsync<UnavailableException>(() => inbox.Source().DescribeAsync(default));
        Assert.Contains("nowhere' does not exist", error.Message);
        Assert.Contains("THE_INBOX", error.Message);
    }

    [Fact]
    public void That_is_not_named_is_wrong_usage() =>
        Assert.Contains("set THE_INBOX", Assert.Throws<UsageException>(() => new FilesSource(new FilesOptions { Inbox = " ", Variable = "THE_INBOX" })).Message);

    [Fact]
    public async Task Without_the_dataset_s_folder_names_near_ones()
    {
        Directory.Move(inbox.Folder, Path.Combine(inbox.Root, "thinks"));
        var missing = Assert.Single(await inbox.Source().FindMissingAsync([Inbox.Things], default));
        Assert.Contains("things' does not exist", missing.Message);
        Assert.Contains("thinks", missing.Message);
        await Assert.ThrowsAsync<UnavailableException>(() => inbox.ReadAsync()); // vanished after it was looked for
    }

    [Fact]
    public async Task With_a_file_for_a_folder_says_so()
    {
        Directory.Delete(inbox.Folder);
        File.WriteAllText(inbox.Folder, "");
        Assert.Contains("is a file, not a folder", Assert.Single(await inbox.Source().FindMissingAsync([Inbox.Things], default)).Message);
    }

    [Fact]
    public async Task Whose_folder_is_a_link_is_refused()
    {
        string elsewhere = Path.Combine(inbox.Root, "elsewhere");
        Directory.Move(inbox.Folder, elsewhere);
        Directory.CreateSymbolicLink(inbox.Folder, elsewhere);
        Assert.Contains("is a symbolic link to", Assert.Single(await inbox.Source().FindMissingAsync([Inbox.Things], default)).Message);
    }

    [Fact]
    public async Task That_is_there_has_nothing_missing()
    {
        var source = inbox.Source();
        Assert.Equal($"files in {inbox.Root}", (await source.DescribeAsync(default)).Name);
        Assert.Empty(await source.FindMissingAsync([Inbox.Things], default));
        Assert.Null(await source.EstimateAsync(Inbox.Things, default));
        Assert.Empty(await source.SplitAsync(Inbox.Things, 8, default));
    }

    [Fact]
    public async Task Knows_the_position_of_each_document_by_the_document()
    {
        inbox.Put("a.json", """{"x": 1}""");
        var source = inbox.Source();
        await using var scan = source.Scan(Inbox.Things, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        byte[] position = Bson.Make(w => w.Write("_id", "things/a.json"));
        Assert.Equal(position, source.PositionOf(Inbox.Things, batch[0]));
        Assert.Equal(position, batch.Position);
    }

    [Fact]
    public async Task Gives_the_files_of_certain_positions()
    {
        inbox.Options = inbox.Options with { Formats = new Dictionary<string, FileFormats> { ["things"] = FileFormats.Json | FileFormats.Lines }, Memory = new FileMemory() };
        inbox.Put("a.json", """{"x": 1}""");
        inbox.Put("b.json", """{"x": 2}""");
        inbox.Put("c.ndjson", "{\"x\": 3}\n{\"x\": 4}\nbroken\n");
        File.WriteAllText(Path.Combine(inbox.Root, "secret.json"), "{}");
        var source = inbox.Source();
        await inbox.ReadAsync(source); // that they were read before does not matter
        string[] asked = ["things/b.json", "things/gone.json", "things/c.ndjson#2", "things/c.ndjson#3", "things/../secret.json", "others/a.json", "things/c.ndjson#99"];
        await using var scan = source.Pick(Inbox.Things, [.. asked.Select(id => Bson.Make(w => w.Write("_id", id))), Bson.Make(w => w.Write("_id", 5))]);
        var picked = await Inbox.ReadAsync(scan);
        Assert.Equal(3, picked.Count);
        Assert.Equal("""{"_id":"things/b.json","x":2}""", picked[0]);
        Assert.Equal("""{"_id":"things/c.ndjson#2","x":4}""", picked[1]);
        Assert.StartsWith("""{"_id":"things/c.ndjson#3"}: Not valid JSON""", picked[2]);
    }
}
