using System.Diagnostics;
using System.Globalization;
using Etl.Contracts;
using Etl.Sources;

namespace Benchmarks.EndToEnd;

/// <summary>How fast a source is when nothing is loaded: tells whether it or the warehouse is what a sync waits for.</summary>
static class SourceAlone
{
    /// <param name="datasets">Read one after the other, each batch told to be durable.</param>
    public static async Task TellAsync(Bench bench, IDocumentSource source, IEnumerable<Dataset> datasets)
    {
        long began = Stopwatch.GetTimestamp(), documents = 0, bytes = 0;
        var cpu = Environment.CpuUsage.TotalTime;
        foreach (var dataset in datasets)
        {
            await using var scan = source.Scan(dataset, ScanRange.Whole, null);
            await foreach (var batch in scan.BatchesAsync(cancellation: bench.Cancellation))
            {
                documents += batch.Count;
                bytes += batch.Bytes;
                await scan.CommittedAsync(bench.Cancellation);
            }
        }
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        bench.Say(string.Create(CultureInfo.InvariantCulture, $"  {"source alone",-28}{documents,12:N0} read {seconds,8:N2} s {documents / seconds,10:N0} /s       {bytes / 1e6:N0} MB of BSON   CPU {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds,6:N2} s"));
    }
}
