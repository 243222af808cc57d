using System.Globalization;
using Benchmarks.EndToEnd;
using Tests.Shared;

namespace Robustness.Tests;

/// <summary>Promise I10: the peak is flat over n, 10 n and 100 n documents. Seen from outside, and from the collector's side.</summary>
public sealed class The_memory_of_a_process
{
    const int Smallest = 5_000;

    /// <summary>Small batches, so that already the smallest size fills every buffer that is used again; more is growth.</summary>
    const string Batch = "1000";

    /// <summary>What may differ: when the collector comes round, and what is compiled. 70 bytes kept of each of 500,000 documents are more.</summary>
    const double ToleratedMegabytes = 35;

    /// <summary>The collector's own limit on the managed heap of all commands here: over it, a process dies of OutOfMemoryException.</summary>
    const int ManagedMegabytes = 100;

    static readonly string Pipeline = Path.Combine(AppContext.BaseDirectory, "flat");

    [Fact, Trait("Category", "Long")]
    public async Task Does_not_grow_with_the_number_of_documents()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "peak memory is read from /proc");
        var peaks = new Dictionary<string, List<double>>();
        foreach (int documents in (int[])[Smallest, 10 * Smallest, 100 * Smallest])
            foreach (var (command, peak) in await MeasureAsync(documents))
                (peaks.TryGetValue(command, out var list) ? list : peaks[command] = []).Add(peak);

        Assert.Equal(["sync", "sync again", "reconcile"], peaks.Keys);
        foreach (var (command, megabytes) in peaks)
        {
            string figures = string.Join(", ", megabytes.Select(m => m.ToString("0.0", CultureInfo.InvariantCulture)));
            TestContext.Current.TestOutputHelper?.WriteLine($"{command}: peak of {figures} MB at n, 10 n and 100 n documents, n = {Smallest}");
            Assert.All(megabytes, m => Assert.InRange(m, 20, 300));
            Assert.True(megabytes[2] - megabytes[0] < ToleratedMegabytes && megabytes[2] - megabytes[1] < ToleratedMegabytes, $"{command} grows: {figures} MB at n, 10 n and 100 n documents, n = {Smallest}");
        }
    }

    /// <summary>The peaks of a first sync, a second one and a reconciliation, in megabytes.</summary>
    static async Task<List<(string Command, double Megabytes)>> MeasureAsync(int documents)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var emulator = await EmulatorProcess.StartAsync(cancellation);
        await FlatDocuments.FillAsync(emulator.Uri, "flat", documents, cancellation);
        string warehouse = await Postgres.DatabaseAsync("memory");
        var environment = new Dictionary<string, string>
        {
            ["QUALITY_BATCH_DOCUMENTS"] = Batch,
            ["DOTNET_GCHeapHardLimit"] = (ManagedMegabytes * 1_000_000).ToString("x", CultureInfo.InvariantCulture),
        };
        var peaks = new List<(string, double)>();
        foreach (var (name, verb) in ((string, string)[])[("sync", "sync"), ("sync again", "sync"), ("reconcile", "reconcile")])
        {
            var child = await ChildProcess.RunAsync(ChildProcess.Quality, [verb, Pipeline, "--mongo", emulator.Database("flat"), "--warehouse", warehouse], environment, cancellation);
            peaks.Add((name, child.PeakBytes / 1e6));
        }
        Assert.Equal((long)documents, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM flat.accounts"));
        return peaks;
    }
}
