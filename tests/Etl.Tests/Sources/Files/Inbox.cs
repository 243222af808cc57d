using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Files;
using Etl.Tests.Contracts;
using Tests.Shared;

namespace Etl.Tests.Sources.Files;

/// <summary>An inbox on the real file system with one folder, and a clock that stands still until it is moved.</summary>
sealed class Inbox : TimeProvider, IDisposable
{
    public static readonly Dataset Things = ContractText.Read(ContractText.Of()).Datasets[0];

    readonly DateTimeOffset start = new(2024, 5, 6, 12, 0, 0, TimeSpan.Zero);

    public Inbox(FileFormats formats = FileFormats.Json)
    {
        Root = Scratch.Folder("inbox");
        Folder = Directory.CreateDirectory(Path.Combine(Root, "things")).FullName;
        Options = new FilesOptions { Inbox = Root, Time = this, Readers = 3, Formats = new Dictionary<string, FileFormats> { ["things"] = formats } };
    }

    public string Root { get; }

    public string Folder { get; }

    public FilesOptions Options { get; set; }

    /// <summary>Since the start.</summary>
    public TimeSpan Now { get; set; }

    public override DateTimeOffset GetUtcNow() => start + Now;

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a file that was changed so many seconds after the start.</summary>
    public void Put(string name, string text, double at = 0) => Put(name, Encoding.UTF8.GetBytes(text), at);

    public void Put(string name, byte[] bytes, double at = 0)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        File.SetLastWriteTimeUtc(PathOf(name), (start + TimeSpan.FromSeconds(at)).UtcDateTime);
    }

    public static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    public static byte[] Gzip(ReadOnlySpan<byte> text)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(text);
        return compressed.ToArray();
    }

    public FilesSource Source() => new(Options);

    /// <summary>Reads to the end, each batch being durable before the next.</summary>
    /// <returns>Documents as JSON; what is refused as <c>position: reason</c>.</returns>
    public async Task<List<string>> ReadAsync(FilesSource? source = null, int batchDocuments = 1000, bool commit = true)
    {
        await using var scan = (source ?? Source()).Scan(Things, ScanRange.Whole, null);
        return await ReadAsync(scan, batchDocuments, commit);
    }

    public static async Task<List<string>> ReadAsync(IDocumentScan scan, int batchDocuments = 1000, bool commit = true)
    {
        var read = new List<string>();
        var batch = new DocumentBatch(batchDocuments);
        while (await scan.ReadAsync(batch, TestContext.Current.CancellationToken))
        {
            read.AddRange(Shown(batch));
            if (commit)
                await scan.CommittedAsync(TestContext.Current.CancellationToken);
        }
        return read;
    }

    public static IEnumerable<string> Shown(DocumentBatch batch)
    {
        Assert.NotNull(batch.Position);
        return Enumerable.Range(0, batch.Count).Select(i => batch.RefusedAt(i) is { } refused
            ? $"{ExtendedJson.ToString(refused.Position)}: {refused.Reason}" : ExtendedJson.ToString(batch[i]));
    }

    /// <summary>Runs a program of the system, such as mkfifo.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Names that are not UTF-8 are beyond .NET.</summary>
    public void Dispose() => Run("rm", "-rf", Root);
}
