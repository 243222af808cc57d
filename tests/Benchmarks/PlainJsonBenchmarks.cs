using BenchmarkDotNet.Attributes;
using Chaos.Generation;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Http;

namespace Benchmarks;

/// <summary>Product events of about 700 bytes, from JSON to BSON. The time is that of one event.</summary>
[MemoryDiagnoser]
public class PlainJsonBenchmarks
{
    const int Events = 10_000;

    readonly byte[] position = Bson.Make(w => w.BeginDocument("_id").WriteDateTime("day", 0).Write("index", 0).End());
    readonly BsonWriter writer = new(4_096);
    TimeSpan leastToConvert = TimeSpan.MaxValue, leastToRead = TimeSpan.MaxValue;
    byte[] body = [];
    byte[][] events = [];

    [GlobalSetup]
    public async Task Generate()
    {
        using var text = new MemoryStream();
        var generator = new ProductEventGenerator(new ProductEventOptions { EventsPerDay = Events * 2 });
        await generator.WriteDayAsync(generator.Options.Start, text, default);
        using var json = System.Text.Json.JsonDocument.Parse(text.ToArray());
        events = [.. json.RootElement.EnumerateArray().Take(Events).Select(e => System.Text.Encoding.UTF8.GetBytes(e.GetRawText()))];
        body = [.. "["u8, .. events.SelectMany((e, i) => i == 0 ? e : [(byte)',', .. e]), .. "]"u8];
        Console.WriteLine($"{body.Length / Events} bytes an event");
    }

    [Benchmark(OperationsPerInvoke = Events, Description = "one event into a document")]
    public int Convert()
    {
        int bytes = 0;
        var began = Environment.CpuUsage.TotalTime;
        foreach (byte[] one in events)
        {
            PlainJson.Write(one, position, writer);
            bytes += writer.Written.Length;
        }
        leastToConvert = Least(leastToConvert, began);
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Events, Description = "… found in a list before")]
    public async Task<int> Read()
    {
        int bytes = 0;
        var began = Environment.CpuUsage.TotalTime;
        var list = new JsonListReader(new MemoryStream(body).ReadAsync);
        while (await list.ReadAsync())
        {
            PlainJson.Write(list.Element.Span, position, writer);
            bytes += writer.Written.Length;
        }
        leastToRead = Least(leastToRead, began);
        return bytes;
    }

    static TimeSpan Least(TimeSpan least, TimeSpan began) => Environment.CpuUsage.TotalTime - began is var took && took < least ? took : least;

    /// <summary>On a busy machine the clock counts the others' work.</summary>
    [GlobalCleanup]
    public void Say() => Console.WriteLine($"Least processor time of an event: {(leastToRead < leastToConvert ? leastToRead : leastToConvert).TotalMicroseconds / Events:0.00} us");
}

/// <summary>One body of a million events from a server in this process, fetched, converted, kept and handed out in batches. The time is that of one event.</summary>
[MemoryDiagnoser]
public class HttpSourceBenchmarks
{
    const int Events = 1_000_000;

    TimeSpan least = TimeSpan.MaxValue;
    ProductBody server = null!;
    Dataset dataset = null!;

    [GlobalSetup]
    public async Task Start()
    {
        dataset = SmallContract.Of("- { name: a, logicalType: integer }").Datasets[0];
        server = await ProductBody.StartAsync(Events);
    }

    [GlobalCleanup]
    public async Task Stop()
    {
        await server.DisposeAsync();
        Console.WriteLine($"Least processor time of an event, the server's included: {least.TotalMicroseconds / Events:0.00} us");
    }

    [Benchmark(OperationsPerInvoke = Events, Description = "one event of a body with a million")]
    public async Task<int> Fetch()
    {
        var day = new DateOnly(2024, 1, 1);
        await using var source = new HttpSource(new HttpOptions { Url = server.Url, From = day, To = day, UseProxy = false });
        await using var scan = source.Scan(dataset, ScanRange.Whole, null);
        int read = 0;
        var began = Environment.CpuUsage.TotalTime;
        for (var batch = new DocumentBatch(); await scan.ReadAsync(batch, default); read += batch.Count)
        {
        }
        if (Environment.CpuUsage.TotalTime - began is var took && took < least)
            least = took;
        return read == Events ? read : throw new InvalidOperationException($"{read} events were read.");
    }
}
