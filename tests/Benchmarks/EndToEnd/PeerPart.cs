using System.Text.Json;

namespace Benchmarks.EndToEnd;

/// <summary>The first load against what people write by hand: pymongo and psycopg2, in its two usual forms (peers/handwritten.py).</summary>
static class PeerPart
{
    static readonly string[] Variants = ["copy", "values"];

    public static async Task RunAsync(Bench bench)
    {
        string python = await PythonAsync(bench.Cancellation);
        await using var emulator = await EmulatorProcess.StartAsync(bench.Cancellation);
        await FlatDocuments.FillAsync(emulator.Uri, "flat", bench.Options.Documents, bench.Cancellation);
        bench.Say($"peer: {bench.Options.Documents:N0} flat documents; by hand the first {bench.Options.PeerDocuments:N0} of them, rates are compared");
        var ratios = Variants.ToDictionary(v => v, _ => new List<double>());
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            string warehouse = await bench.Warehouse.DatabaseAsync("peer");
            var loaded = bench.Tell("first load", (await bench.SyncAsync(FlatPart.Pipeline, emulator.Database("flat"), warehouse)).Wrote("The first load", bench.Options.Documents, 0));
            foreach (string variant in Variants)
            {
                await bench.Warehouse.SettleAsync();
                var server = new Npgsql.NpgsqlConnectionStringBuilder(warehouse);
                var child = await ChildProcess.RunAsync(python,
                    [Path.Combine(AppContext.BaseDirectory, "peers", "handwritten.py"), variant, emulator.Uri, FlatDocuments.Collection, $"{bench.Options.PeerDocuments}"],
                    new Dictionary<string, string> { ["PGHOST"] = server.Host!, ["PGPORT"] = $"{server.Port}", ["PGUSER"] = server.Username!, ["PGPASSWORD"] = server.Password!, ["PGDATABASE"] = server.Database! },
                    bench.Cancellation);
                var said = JsonDocument.Parse(child.Output).RootElement;
                long rows = said.GetProperty("rows").GetInt64();
                double seconds = said.GetProperty("seconds").GetDouble();
                if (rows != Math.Min(bench.Options.PeerDocuments, bench.Options.Documents))
                    throw new InvalidOperationException($"The hand-written way loaded {rows:N0} rows, not {bench.Options.PeerDocuments:N0}.");
                bench.Line($"by hand, {variant}", rows, seconds, child.Seconds, "");
                ratios[variant].Add(loaded.Rate / (rows / seconds));
            }
        }
        await bench.Warehouse.DropAsync("peer");
        string better = Variants.MinBy(v => Goal.Median(ratios[v]))!;
        foreach (string variant in Variants)
            bench.Add(Goal.Ratio("peer", $"first load : by hand, {(variant == "copy" ? "COPY + ON CONFLICT" : "execute_values upsert")}", ratios[variant], variant == better ? 6 : null));
    }

    /// <summary>Debian's modules belong to Debian's Python, which another on PATH may hide.</summary>
    internal static async Task<string> PythonAsync(CancellationToken cancellation)
    {
        foreach (string python in (string[])["/usr/bin/python3", "python3"])
            try
            {
                await ChildProcess.RunAsync(python, ["-c", "import pymongo, psycopg2"], null, cancellation);
                return python;
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // Not there, or without the modules: the next one.
            }
        throw new Etl.UnavailableException("No Python here can import pymongo and psycopg2. Install them: scripts/setup.sh bench; or leave this part out with --only.");
    }
}
