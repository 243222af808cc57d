using System.CommandLine;
using Chaos.Load;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Etl.Sources.Mongo;
using Npgsql;
using Quality.Commands.Load;
using Quality.Ui;

namespace Quality.Commands;

/// <summary><c>quality load PIPELINE</c>: puts load on a pipeline, measures how it bears it, and reconciles afterwards.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var pipeline = Options.Pipeline();
        var scenario = new Option<string[]>("--scenario") { Description = $"One of {string.Join(", ", LoadScenario.All.Select(s => s.Name))}; may be repeated. Default: all but soak", HelpName = "NAME" };
        var duration = new Option<string?>("--duration") { Description = "How long each scenario lasts: 30s, 5m, 1.5h. Default: 30s, soak 10m", HelpName = "TIME" };
        var rate = new Option<int?>("--rate") { Description = $"Writes a second, by the clock, however slow the answers are; a spike has ten times as many in its midst. Default: {LoadSettings.UsualRate}", HelpName = "N" };
        var threshold = new Option<string[]>("--threshold") { Description = "What must hold, of each step or of the one named: 'p99 < 200 ms', 'failures < 1 %', 'sync documents > 5000 /s'; may be repeated", HelpName = "TEXT" };
        var writes = new Option<bool>("--writes-allowed") { Description = "Write into a source that is not the embedded one. Only documents that the load inserted are changed and deleted, and all of them are taken out again" };
        var command = new Command("load", "Put load on a MongoDB pipeline, in a database of its own beside the warehouse: bulk snapshots, syncs and reconciliations while others write. Exit code 0: reconciled afterwards, every threshold held; 1: mismatched, or a threshold was passed; 2: unknown")
        {
            pipeline, scenario, duration, rate, threshold, writes,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var contract = PipelineFolders.Open(parsed.GetRequiredValue(pipeline));
            string typed = PipelineFolders.Typed(parsed.GetRequiredValue(pipeline));
            if (contract.Servers.Any(s => s.Kind != ServerKinds.MongoDb))
                throw new UsageException($"Loads are put on pipelines that read MongoDB; '{contract.Pipeline}' reads {string.Join(", ", contract.Servers.Select(s => s.Kind).Distinct())}.");
            var scenarios = LoadScenario.Select(parsed.GetValue(scenario));
            var settings = new LoadSettings(LoadSettings.ReadDuration(parsed.GetValue(duration)), LoadSettings.CheckRate(parsed.GetValue(rate)), Options.Seed(parsed) ?? 1,
                LoadSettings.ReadThresholds(parsed.GetValue(threshold), scenarios));
            if (Options.Mongo(parsed) != Servers.Embedded && !parsed.GetValue(writes) && scenarios.Where(s => s.Writes).Select(s => s.Name).ToList() is { Count: > 0 } writing)
                throw new UsageException($"{string.Join(", ", writing)}: this writes documents into a source that is not the embedded one. Say --writes-allowed if that is meant; or --scenario {LoadScenario.Snapshot.Name}, which only reads.");
            Terminal.Say($"Seed {settings.Seed}. Scenarios: {string.Join(", ", scenarios.Select(s => s.Name))}.");
            try
            {
                await using var servers = await Servers.OpenAsync(parsed, contract, withQueue: false, cancellation);
                await using var source = new SourceFactory(servers, null, readsAll: true, Options.Seed(parsed)).Open(contract);
                using var connection = scenarios.Any(s => s.Writes) ? MongoConnection.Open(servers.MongoUri) : null;
                var (run, outcomes, described) = await RunAsync(contract, source, connection, servers.Warehouse, scenarios, settings, cancellation);
                if (Options.Json(parsed))
                    JsonOutput.Write(ToJson(contract, run, described, settings, outcomes));
                else
                    Print(outcomes, described, typed, settings);
                return ExitCodes.Of(outcomes.Select(o => o.Verdict).Worst());
            }
            catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
            {
                throw new InterruptedException($"Interrupted. What the load wrote is taken out of the source, and its database dropped; scenarios that had ended are in the journal. Run 'quality load {typed}' again.", e);
            }
            catch (MongoException e)
            {
                throw new UnavailableException($"MongoDB: {e.Message}", e);
            }
            catch (Exception e) when (Options.Json(parsed) && e is (UnavailableException or NpgsqlException))
            {
                JsonOutput.Write(new { pipeline = contract.Pipeline, verdict = Verdict.Unknown.Word(), reason = e.Message, scenarios = Array.Empty<object>() });
                throw;
            }
        });
        return command;
    }

    static async Task<(long Run, IReadOnlyList<LoadOutcome> Outcomes, string Source)> RunAsync(
        Contract contract, IDocumentSource source, MongoConnection? connection, Warehouse warehouse, IReadOnlyList<LoadScenario> scenarios, LoadSettings settings, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        string described = (await source.DescribeAsync(cancellation)).Name;
        if (await source.FindMissingAsync(contract.Datasets, cancellation) is [var gone, ..])
            throw new UnavailableException($"{gone.Message} Nothing was loaded.");
        await using var journal = await warehouse.OpenJournalAsync(time, cancellation);
        var run = await Run.BeginAsync(journal, contract, "load", described, settings.Seed, time, cancellation);
        try
        {
            await using var own = await LoadWarehouse.OpenAsync(warehouse, contract.Pipeline, time, cancellation);
            var outcomes = new List<LoadOutcome>();
            foreach (var scenario in scenarios)
            {
                Terminal.Say($"{scenario.Name}: {Format.Duration(settings.Duration ?? scenario.Lasts)} …");
                var outcome = await new LoadTrial(contract, source, connection, own, settings, time).RunAsync(scenario, cancellation);
                await LoadJournal.WriteAsync(journal, run, contract.Pipeline, outcome, settings.Seed, cancellation);
                Terminal.Say($"{scenario.Name}: {outcome.Verdict.Word()}. {outcome.Reason}");
                outcomes.Add(outcome);
            }
            var verdict = outcomes.Select(o => o.Verdict).Worst();
            await run.EndAsync(journal, verdict, outcomes.First(o => o.Verdict == verdict) is var worst ? $"{worst.Scenario.Name}: {worst.Reason}" : "", cancellation);
            return (run.Id, outcomes, described);
        }
        catch (Exception e)
        {
            await run.FailAsync(warehouse, e);
            throw;
        }
    }

    static object ToJson(Contract contract, long run, string source, LoadSettings settings, IReadOnlyList<LoadOutcome> outcomes) => new
    {
        pipeline = contract.Pipeline,
        run,
        verdict = outcomes.Select(o => o.Verdict).Worst().Word(),
        seed = settings.Seed,
        source,
        scenarios = outcomes.Select(o => new
        {
            scenario = o.Scenario.Name,
            o.StartedAt,
            seconds = o.Took.TotalSeconds,
            o.Rate,
            verdict = o.Verdict.Word(),
            o.Reason,
            o.PeakMemory,
            o.Thresholds,
            steps = o.Steps.Select(s => new
            {
                s.Workload,
                s.Step,
                s.Operations,
                s.Failed,
                s.Documents,
                seconds = s.Took.TotalSeconds,
                s.Throughput,
                s.DocumentsPerSecond,
                s.Latency,
                s.Reasons,
                slotSeconds = s.SlotWidth.TotalSeconds,
                s.Series,
            }),
        }),
    };

    static void Print(IReadOnlyList<LoadOutcome> outcomes, string source, string typed, LoadSettings settings)
    {
        foreach (var outcome in outcomes)
        {
            Terminal.Table($"{outcome.Scenario.Name} ({source}); milliseconds", ["step", "#ended well", "#failed", "#/s", "#documents/s", "#min", "#mean", "#stddev", "#p50", "#p75", "#p95", "#p99", "#p99.9", "#max"],
                outcome.Steps.Select(s => (IReadOnlyList<string>)[s.Step, Terminal.Count(s.Operations), Terminal.Count(s.Failed), Format.Number(s.Throughput), Format.Number(s.DocumentsPerSecond),
                    .. s.Latency is { } l ? new[] { l.Min, l.Mean, l.Deviation, l.P50, l.P75, l.P95, l.P99, l.P999, l.Max }.Select(Format.Number) : Enumerable.Repeat("–", 9)]));
            foreach (var (step, why) in outcome.Steps.SelectMany(s => s.Reasons.Select(r => (s.Step, r))))
                Terminal.Say($"{step} failed {Terminal.Count(why.Count)} times: {why.Reason}");
            if (outcome.Thresholds.Count > 0)
                Terminal.Table("Thresholds", ["threshold", "step", "measured", "result"], outcome.Thresholds.Select(t => (IReadOnlyList<string>)[t.Threshold, t.Step, t.Measured, t.Holds ? "held" : "passed"]));
            Terminal.Verdict(outcome.Verdict, $"{outcome.Scenario.Name}: {outcome.Reason} Peak of memory {outcome.PeakMemory >> 20:N0} MiB.");
        }
        Terminal.Say($"Again: quality load {typed} --seed {settings.Seed} --rate {settings.Rate}. Curves: quality report");
    }
}
