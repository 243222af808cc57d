using System.Diagnostics;
using System.Globalization;
using System.Text;
using Chaos.Generation;
using Etl.Contracts;
using Etl.Sources;
using Etl.Sources.Csv;
using Etl.Sources.RabbitMq;
using Quality.Sandbox;

namespace Benchmarks.Sources;

/// <summary><c>sources [queue|csv [N]]</c>: how fast a queue is drained with acknowledgements, and a CSV file read and converted; no warehouse behind them.</summary>
static class SourceBench
{
    const int QueueGoal = 15_000;

    public static async Task<int> RunAsync(string[] args)
    {
        int messages = args is [_, var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 200_000;
        string folder = Directory.CreateTempSubdirectory("quality-source-bench-").FullName;
        try
        {
            if (args is not ["csv", ..])
                foreach (string type in (string[])["classic", "quorum"])
                    await QueueAsync(folder, type, messages);
            if (args is not ["queue", ..])
                await CsvAsync(folder, messages * 10);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task QueueAsync(string folder, string type, int count)
    {
        await using var broker = await EmbeddedRabbitMq.StartAsync(folder, TimeProvider.System, default);
        string address = $"{broker.Uri}?queue=bench-{type}&declare={type}";
        await using (var publisher = await QueuePublisher.OpenAsync(address, "bench"))
        {
            var world = new CrmWorld(new CrmOptions { EventsPerDay = count });
            long published = Stopwatch.GetTimestamp();
            await publisher.PublishAsync([.. world.Advance().Select(m => m.Body)]);
            Console.WriteLine($"{type}: published in {Stopwatch.GetElapsedTime(published).TotalSeconds:F1} s");
        }
        await using var source = new RabbitMqSource(address);
        var (rate, line) = await MeasureAsync(source, Dataset("id"));
        Console.WriteLine($"{type} queue: {line}; goal {QueueGoal:N0}: {(rate >= QueueGoal ? "met" : "MISSED")}");
    }

    static async Task CsvAsync(string folder, int count)
    {
        string path = Path.Combine(folder, "bench.csv");
        await using (var file = new StreamWriter(path, append: false, Encoding.UTF8))
        {
            await file.WriteLineAsync("organization_key,organization_name,city,amount,created_at,note");
            for (int i = 0; i < count; i++)
                await file.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{i},Organization {i % 9973},\"Sankt Gallen, CH\",{i % 1000}.{i % 100:00},2020-12-05 10:{i % 60:00}:{i % 60:00},"));
        }
        await using var source = new CsvSource(path);
        var (rate, line) = await MeasureAsync(source, Dataset("organization_key"));
        double megabytes = new FileInfo(path).Length / 1e6;
        Console.WriteLine($"CSV: {line}, {megabytes / count * rate:N0} MB/s");
        CsvHelper(path);
    }

    /// <summary>The same file by CsvHelper, whose values become nothing: what it takes to divide it.</summary>
    static void CsvHelper(string path)
    {
        long began = Stopwatch.GetTimestamp(), records = 0, bytes = 0;
        using (var reader = global::CsvHelper.CsvReader.Create(File.OpenRead(path), new global::CsvHelper.CsvReaderOptions { Separator = ',', TrackLineNumbers = true }, false))
            for (; reader.Read(); records++)
                for (int i = 0; i < reader.FieldCount; i++)
                    bytes += reader.GetSpan(i).Length;
        Console.WriteLine($"CsvHelper, dividing only: {records / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} records/s ({bytes:N0} bytes of values)");
    }

    static async Task<(double Rate, string Line)> MeasureAsync(IDocumentSource source, Dataset dataset)
    {
        long began = Stopwatch.GetTimestamp(), documents = 0, bytes = 0, heap = 0;
        await using (var scan = source.Scan(dataset, ScanRange.Whole, null))
            await foreach (var batch in scan.BatchesAsync())
            {
                documents += batch.Count;
                bytes += batch.Bytes;
                await scan.CommittedAsync(default);
                heap = Math.Max(heap, GC.GetTotalMemory(false));
            }
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return (documents / seconds, $"{documents:N0} documents, {bytes / 1e6:N0} MB of BSON in {seconds:F2} s: {documents / seconds:N0}/s, heap {heap / 1e6:N0} MB");
    }

    static Dataset Dataset(string field) => SmallContract.Of($"- {{ name: {field}, logicalType: string, physicalType: string }}").Datasets[0];
}
