using System.Globalization;
using System.Text;
using Etl.Contracts;
using Etl.Sources.Csv;

namespace Benchmarks.EndToEnd;

/// <summary>A CSV file against `psql \copy` of the rows that it becomes.</summary>
static class CsvPart
{
    const int Records = 1_000_000;
    const double LeastRatio = 0.6;
    static readonly string[] Tables = ["records.payments"];

    public static async Task RunAsync(Bench bench, string folder)
    {
        int records = bench.Options.EventsOr(Records);
        string path = Path.Combine(folder, "records.csv"), pipeline = Path.Combine(AppContext.BaseDirectory, "csv");
        await WriteAsync(path, records);
        bench.Say($"csv: {records:N0} records, {new FileInfo(path).Length / 1e6:N0} MB, one table of six columns and Quality's four");
        await using (var source = new CsvSource(path))
            await SourceAlone.TellAsync(bench, source, ContractReader.Read(pipeline).Datasets);
        var variables = new Dictionary<string, string> { ["QUALITY_BENCH_CSV"] = path };
        List<SyncMeasure> all = [];
        List<double> ratios = [];
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            string warehouse = await bench.Warehouse.DatabaseAsync("csv");
            all.Add(bench.Tell("first sync", (await bench.SyncAsync([pipeline], variables, warehouse)).Wrote("The first sync", records, 0)));
            var copied = bench.Tell("psql \\copy", await bench.Warehouse.CopyAsync(warehouse, Tables, bench.Cancellation));
            ratios.Add(all[^1].Rate / copied.Rate);
            all.Add(bench.Tell("again, nothing changed", (await bench.SyncAsync([pipeline], variables, warehouse)).Wrote("The second sync", 0, 0)));
        }
        await bench.Warehouse.DropAsync("csv");
        bench.Add(Goal.Ratio("csv", "first sync : psql \\copy", ratios, LeastRatio));
        bench.Add(Goal.Memory("csv", "peak of `quality sync`", all, MemoryPart.MostMegabytes));
    }

    static async Task WriteAsync(string path, int records)
    {
        await using var file = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 20);
        await file.WriteLineAsync("payment_key,organization,city,amount,created_at,note");
        for (int i = 0; i < records; i++)
            await file.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"p{i:00000000},Organization {i % 9973},\"Sankt Gallen, CH\",{i % 1000}.{i % 100:00},2020-12-05 10:{i / 60 % 60:00}:{i % 60:00},"));
    }
}
