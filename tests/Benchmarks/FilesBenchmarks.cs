using System.Globalization;
using BenchmarkDotNet.Attributes;
using Chaos.Generation;
using Etl.Contracts;
using Etl.Sources;
using Etl.Sources.Files;

namespace Benchmarks;

/// <summary>Reading 100,000 event files of the cards generator into batches, on the real file system, from the page cache. The time is that of one file;
/// goal: at least 20,000 a second, which is 50 µs.</summary>
[MemoryDiagnoser]
public class FilesBenchmarks
{
    const int Files = 100_000, UsersPerDay = 1_000;

    static readonly Dataset Cards = SmallContract.Of("- { name: age, logicalType: integer }").Datasets[0];

    readonly string inbox = Directory.CreateTempSubdirectory("quality-bench-").FullName;
    readonly FileMemory memory = new();
    TimeSpan least = TimeSpan.MaxValue;

    FilesOptions Options => new() { Inbox = inbox };

    [GlobalSetup]
    public async Task Fill()
    {
        // Five events of cards for each user and day.
        await new CardsGenerator(new CardsOptions { Inbox = inbox, UsersPerDay = UsersPerDay, Days = Files / UsersPerDay / 5 + 1 }).GenerateDaysAsync();
        string folder = Path.Combine(inbox, Cards.SourceName);
        Directory.Move(Path.Combine(inbox, "cards"), folder);
        foreach (string file in Directory.EnumerateFiles(folder, "*.json").Skip(Files).ToArray())
            File.Delete(file);
        await ReadAsync(Options with { Memory = memory });
    }

    [Benchmark(OperationsPerInvoke = Files, Baseline = true)]
    public Task<long> EveryFile() => ReadAsync(Options);

    [Benchmark(OperationsPerInvoke = Files, Description = "every file, each remembered when it is durable")]
    public Task<long> EveryFileRemembered() => ReadAsync(Options with { Memory = new FileMemory() });

    [Benchmark(OperationsPerInvoke = Files, Description = "nothing new: all are remembered")]
    public Task<long> NothingNew() => ReadAsync(Options with { Memory = memory });

    async Task<long> ReadAsync(FilesOptions options)
    {
        long read = 0;
        var began = Environment.CpuUsage.TotalTime;
        await using var source = new FilesSource(options);
        await using var scan = source.Scan(Cards, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        while (await scan.ReadAsync(batch, CancellationToken.None))
        {
            read += batch.Count;
            await scan.CommittedAsync(CancellationToken.None);
        }
        var took = Environment.CpuUsage.TotalTime - began;
        least = read > 0 && took < least ? took : least;
        bool isAll = options.Memory == memory || read + source.Effort.Pending >= Files;
        return isAll ? read : throw new InvalidOperationException($"Read {read} files, not {Files}.");
    }

    [GlobalCleanup]
    public void Remove()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"// Processor time of one file: {least.TotalMicroseconds / Files:F1} µs at best"));
        Directory.Delete(inbox, recursive: true);
    }
}
