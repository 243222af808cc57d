using Etl;

namespace Benchmarks.EndToEnd;

/// <summary>
/// The speed and memory of the whole way, source to table, against `psql \copy` and against the hand-written way: the built program as a
/// process, its source (the emulator in another process, files, a broker), a PostgreSQL of our own. Each ratio comes from one run; what surrounds it disturbs both sides alike.
/// </summary>
static class EndToEndCommand
{
    /// <param name="parts">Of the suite that is asked for.</param>
    /// <returns>0: every goal is reached; 1: one is missed; 2: something that is needed is missing; 64: wrong usage.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, IReadOnlyList<string> parts)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var options = BenchOptions.Parse(arguments, parts);
            return await MeasureAsync(options, stop.Token) ? 0 : 1;
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine(e.Message);
            return 64;
        }
        catch (UnavailableException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Interrupted.");
            return 130;
        }
    }

    static async Task<bool> MeasureAsync(BenchOptions options, CancellationToken cancellation)
    {
        var began = TimeProvider.System.GetUtcNow();
        double? load = BenchReport.Load();
        string folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.Out))!, "work");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        try
        {
            await using var warehouse = await BenchWarehouse.StartAsync(folder, cancellation);
            string postgres = await BenchWarehouse.ScalarAsync<string>(await warehouse.DatabaseAsync("version"), "SELECT current_setting('server_version')");
            var bench = new Bench(options, warehouse, cancellation);
            foreach (string part in options.Only)
                await (part switch
                {
                    "flat" => FlatPart.RunAsync(bench),
                    "community" => CommunityPart.RunAsync(bench),
                    "peer" => PeerPart.RunAsync(bench),
                    "reconcile" => ReconcilePart.RunAsync(bench),
                    "memory" => MemoryPart.RunAsync(bench),
                    "files" => FilesPart.RunAsync(bench, folder),
                    "queue" => QueuePart.RunAsync(bench, folder),
                    "csv" => CsvPart.RunAsync(bench, folder),
                    "http" => HttpPart.RunAsync(bench, folder),
                    _ => GrowthPart.RunAsync(bench),
                });
            BenchReport.Print(bench.Goals, options.Quick, load);
            await BenchReport.WriteAsync(options, bench.Goals, began, load, postgres, cancellation);
            return bench.Goals.All(g => g.Passed != false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
