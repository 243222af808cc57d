using System.Diagnostics;
using System.Text.Json;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;
using Npgsql;

namespace Benchmarks.EndToEnd;

/// <summary>
/// Comparing what is loaded: against reading either side and doing nothing with it, against comparing by hand, and what it costs to find ten rows
/// that differ. Both sides are read at the same time, so each of the two rates is that of the whole comparison.
/// </summary>
static class ReconcilePart
{
    const int Documents = 5_000_000, Planted = 10;
    const double LeastSource = 0.5, LeastWarehouse = 0.6, LeastPeer = 10, MostOfNone = 1.05;

    public static async Task RunAsync(Bench bench)
    {
        int documents = bench.Options.EventsOr(Documents);
        await using var emulator = await EmulatorProcess.StartAsync(bench.Cancellation);
        double size = await FlatDocuments.FillAsync(emulator.Uri, "flat", documents, bench.Cancellation);
        bench.Say($"reconcile: {documents:N0} documents of {size:N0} bytes on average, one table of 12 columns and Quality's four");
        string warehouse = await bench.Warehouse.DatabaseAsync("reconcile"), mongo = emulator.Database("flat");
        bench.Tell("first load", (await bench.SyncAsync(FlatPart.Pipeline, mongo, warehouse)).Wrote("The first load", documents, 0));
        await BenchWarehouse.ExecuteAsync(warehouse, "VACUUM ANALYZE flat.accounts");
        List<double> ofSource = [], ofWarehouse = [], ofNone = [], ofPeer = [];
        List<SyncMeasure> peaks = [];
        string python = await PeerPart.PythonAsync(bench.Cancellation);
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            double source = await WalkAsync(bench, mongo), rows = await bench.Warehouse.ReadAsync(warehouse, "flat.accounts", bench.Cancellation);
            bench.Line("source walked, one thread", documents, source, source, "");
            bench.Line("COPY to /dev/null", documents, rows, rows, "");
            var none = await ReconcileAsync(bench, "nothing differs", mongo, warehouse, documents, 0);
            await BenchWarehouse.ExecuteAsync(warehouse, $"""
                UPDATE flat.accounts SET visits = visits + 1 WHERE account_id IN (SELECT account_id FROM (SELECT account_id, row_number() OVER (ORDER BY account_id) AS n FROM flat.accounts) r WHERE n % {documents / Planted} = {7 + round})
                """);
            var ten = await ReconcileAsync(bench, "ten rows differ", mongo, warehouse, documents, Planted);
            await BenchWarehouse.ExecuteAsync(warehouse, $"""
                UPDATE flat.accounts SET visits = visits - 1 WHERE account_id IN (SELECT account_id FROM (SELECT account_id, row_number() OVER (ORDER BY account_id) AS n FROM flat.accounts) r WHERE n % {documents / Planted} = {7 + round});
                """);
            var peer = await PeerAsync(bench, python, emulator.Uri, warehouse, Math.Min(documents, bench.Options.PeerDocuments));
            peaks.AddRange([none, ten]);
            ofSource.Add(source / none.LoadSeconds);
            ofWarehouse.Add(rows / none.LoadSeconds);
            ofNone.Add(ten.LoadSeconds / none.LoadSeconds);
            ofPeer.Add(none.Rate / peer);
        }
        await bench.Warehouse.DropAsync("reconcile");
        bench.Add(Goal.Ratio("reconcile", "source side : one thread that walks it", ofSource, LeastSource));
        bench.Add(Goal.Ratio("reconcile", "warehouse side : COPY to /dev/null", ofWarehouse, LeastWarehouse));
        bench.Add(Goal.Most("reconcile", "ten rows differ : none differs", ofNone, MostOfNone));
        bench.Add(Goal.Ratio("reconcile", "nothing differs : by hand, sorted", ofPeer, LeastPeer));
        bench.Add(Goal.Memory("reconcile", "peak of `quality reconcile`", peaks, MemoryPart.MostMegabytes));
    }

    /// <summary>What one thread needs to read the collection and to look at every field.</summary>
    static async Task<double> WalkAsync(Bench bench, string mongo)
    {
        var contract = ContractReader.Read(FlatPart.Pipeline);
        await using var source = new MongoSource(mongo, contract);
        long began = Stopwatch.GetTimestamp(), fields = 0;
        var batch = new DocumentBatch();
        await using var scan = source.Scan(contract.Datasets[0], ScanRange.Whole, null);
        while (await scan.ReadAsync(batch, bench.Cancellation))
            for (int i = 0; i < batch.Count; i++)
                for (var reader = new BsonReader(batch[i]); reader.Read();)
                    fields += reader.Value.Length > 0 ? 1 : 0;
        return fields > 0 ? Stopwatch.GetElapsedTime(began).TotalSeconds : throw new InvalidOperationException("There was nothing to walk.");
    }

    static async Task<SyncMeasure> ReconcileAsync(Bench bench, string what, string mongo, string warehouse, int documents, int changed)
    {
        await bench.Warehouse.SettleAsync();
        var child = await ChildProcess.RunAsync(ChildProcess.Quality, ["reconcile", FlatPart.Pipeline, "--mongo", mongo, "--warehouse", warehouse, "--settle", "0s", "--json"], null, bench.Cancellation, changed == 0 ? 0 : 1);
        var table = JsonDocument.Parse(child.Output).RootElement.GetProperty("datasets")[0];
        if (table.GetProperty("source").GetInt64() != documents || table.GetProperty("changed").GetInt64() != changed)
            throw new InvalidOperationException($"{what}: {table}");
        double seconds = await BenchWarehouse.ScalarAsync<double>(warehouse, "SELECT extract(epoch FROM ended_at - started_at)::float8 FROM quality.runs WHERE command = 'reconcile' ORDER BY id DESC LIMIT 1");
        var measure = new SyncMeasure(documents, documents, 0, changed, seconds, 0, child.Seconds, child.CpuSeconds, child.PeakBytes);
        return bench.Tell(what, measure);
    }

    /// <returns>Rows a second.</returns>
    static async Task<double> PeerAsync(Bench bench, string python, string mongo, string warehouse, int documents)
    {
        var server = new NpgsqlConnectionStringBuilder(warehouse);
        var child = await ChildProcess.RunAsync(python, [Path.Combine(AppContext.BaseDirectory, "peers", "compare.py"), mongo, FlatDocuments.Collection, $"{documents}"],
            new Dictionary<string, string> { ["PGHOST"] = server.Host!, ["PGPORT"] = $"{server.Port}", ["PGUSER"] = server.Username!, ["PGPASSWORD"] = server.Password!, ["PGDATABASE"] = server.Database! }, bench.Cancellation);
        var said = JsonDocument.Parse(child.Output).RootElement;
        double seconds = said.GetProperty("seconds").GetDouble();
        if (said.GetProperty("rows").GetInt64() != documents || said.GetProperty("different").GetInt64() != 0)
            throw new InvalidOperationException($"By hand: {child.Output}");
        bench.Line("by hand", documents, seconds, child.Seconds, "");
        return documents / seconds;
    }
}
