using System.Text;
using Etl.Sources;
using Etl.Sources.Files;
using Etl.Tests.Sources.Csv;
using Etl.Tests.Sources.Files;

namespace Etl.Tests.Sources;

/// <summary>With nothing beside it: what is allocated meanwhile is counted for the whole process.</summary>
[Collection(nameof(Alone))]
[Trait("Category", "Long")]
public sealed class A_line_of_five_gigabytes
{
    [Fact]
    public async Task Of_a_file_is_refused_without_being_held_and_the_next_is_read()
    {
        using var inbox = new Inbox(FileFormats.Lines);
        inbox.Options = inbox.Options with { Memory = new FileMemory() };
        using (var file = File.OpenWrite(inbox.PathOf("a.ndjson")))
        {
            file.Write("{\"x\": 1}\n{\"x\": \""u8);
            file.Position = 5L * 1024 * 1024 * 1024; // more than an array can have; sparse: no disk is used
            file.Write("\"}\n{\"x\": 3}\n"u8);
        }
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        long before = GC.GetTotalAllocatedBytes();
        Assert.True(await scan.ReadAsync(batch, TestContext.Current.CancellationToken));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 200_000_000);
        Assert.Equal(3, batch.Count);
        Assert.Contains("more than 16777216 bytes", batch.RefusedAt(1)!.Reason);
        Assert.Equal(64 * 1024, batch.RefusedAt(1)!.Bytes.Length);
        Assert.Equal("""{"_id":"things/a.ndjson#3","x":3}""", Inbox.Shown(batch).Last());
    }

    [Fact]
    public async Task Of_a_CSV_file_is_refused_without_being_held_and_the_next_is_read()
    {
        const long size = 5L * 1024 * 1024 * 1024;
        string path = CsvText.File("a,b\n1,x\n2,");
        await using (var file = new FileStream(path, FileMode.Append))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes(new string('y', 1024 * 1024)));
            file.Position += size - 1024 * 1024; // sparse: no disk is used
            await file.WriteAsync("\n3,z\n"u8.ToArray());
        }
        long before = GC.GetTotalAllocatedBytes();
        var read = await CsvText.ReadFileAsync(path, null, "a", "b");
        Assert.Equal("""{"_id":2,"a":"1","b":"x"}""", read[0]);
        Assert.StartsWith("refused {\"_id\":3} text/csv [2,yyyy", read[1], StringComparison.Ordinal);
        Assert.Contains($"A record of {size + 2:N0} bytes, from line 3 to 4; 16,777,216 are the most. Its first 65,536 are kept.", read[1], StringComparison.Ordinal);
        Assert.Equal("""{"_id":4,"a":"3","b":"z"}""", read[2]);
        Assert.Equal(3, read.Count);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 200_000_000, "the record was held whole");
        File.Delete(path);
    }
}

/// <summary>Tests that cannot share their process with others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
