using System.CommandLine;
using System.Globalization;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Quality.Scheduling;
using Quality.Scheduling.Alerts;
using Quality.Scheduling.Metrics;

namespace Quality.Commands;

/// <summary><c>quality schedule</c>: runs pipelines at their times, until stopped.</summary>
internal static class ScheduleCommand
{
    public static Command Create()
    {
        var pipelines = new Option<string[]>("--pipeline") { Description = "A shipped pipeline, or a folder with contract.yaml; may be repeated. Default: all that are shipped", HelpName = "P" };
        var cron = new Option<string?>("--cron") { Description = $"When, in UTC, in place of what contracts say: '0 3 * * *', or six fields with seconds first. Default: the contract's customProperty 'schedule', then '{CronSchedule.Daily}'", HelpName = "EXPRESSION" };
        var once = new Option<bool>("--once-missed") { Description = "Only make good what was missed, each pipeline once, and end; exits by the worst step" };
        var port = new Option<int?>("--metrics-port") { Description = "Serve metrics to Prometheus at http://127.0.0.1:N/metrics; 0: any free port", HelpName = "N" };
        var (days, target) = (ChainDays.Option(), RunCommand.Target());
        var command = new Command("schedule", "Run pipelines at their times (sync, marts, reconcile, report) until Ctrl-C or SIGTERM; of several processes one runs a pipeline, and another takes over from a dead one. Missed times are made good once. Tells by webhook and mail, where they are set up, what fails and what is right again")
        {
            pipelines, cron, once, port, days, target,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var contracts = Contracts(parsed.GetValue(pipelines));
            var crons = contracts.ToDictionary(c => c.Key, c => CronSchedule.Of(c.Value, parsed.GetValue(cron), TimeProvider.System));
            int lastDays = ChainDays.Checked(parsed.GetValue(days));
            if (parsed.GetValue(port) is < 0 or > 65535)
                throw new UsageException($"--metrics-port must be from 0 to 65535, not {parsed.GetValue(port)}.");
            bool json = JsonOutput.Lines = Options.Json(parsed);
            var prometheus = parsed.GetValue(port) is null ? null : new PrometheusText();
            using var parts = new ChainParts(contracts.ToDictionary(c => c.Value.Pipeline, c => PipelineFolders.Typed(c.Key)), prometheus);
            await using var servers = await Servers.OpenAsync(null, Options.Warehouse(parsed), cancellation);
            await using var metrics = prometheus is null ? null : await MetricsServer.StartAsync(parsed.GetValue(port)!.Value, prometheus, cancellation);
            var outage = new Outage(parts.Sender, servers.Warehouse.ToString(), TimeProvider.System, Say);
            Watch[] watches = [.. contracts.Select(c => new Watch(c.Value.Pipeline, crons[c.Key], servers.Warehouse, parts.Chain(servers.Warehouse), parts.Book, parts.Sender, outage, parts.Meter, TimeProvider.System,
                () => new ChainWork(parsed, c.Key, servers, days: null, lastDays, parsed.GetValue(target)!, shows: false), Say))];
            foreach (var watch in watches)
                await watch.RegisterAsync(cancellation);
            if (metrics is not null)
                Say($"Metrics at {metrics.Address}.");

            var ended = new Ended();
            void Show(ChainResult result)
            {
                ended.Add(result, cancellation.IsCancellationRequested);
                if (json)
                    JsonOutput.Write(RunCommand.ToJson(result));
            }
            if (parsed.GetValue(once))
                return await MakeGoodAsync(watches, outage, Show, cancellation) ?? ended.ExitCode(ofVerdicts: true);
            foreach (var watch in watches)
                Say($"'{watch.Pipeline}' runs at '{watch.Cron.Text}', next {watch.Cron.Next(TimeProvider.System.GetUtcNow()):yyyy-MM-dd HH:mm:ss} UTC. Alerts go to {parts.Told}.");
            try
            {
                await Clockwork.RunAsync(watches, TimeProvider.System, Show, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Being stopped is how this command ends; what was in hand is made good by the next process that looks.
            }
            Say("Stopped.");
            return ended.ExitCode(ofVerdicts: false);
        });
        return command;
    }

    /// <summary>A line of a log that is read days later.</summary>
    static void Say(string message) => Terminal.Say($"{TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC {message}");

    /// <summary>By what was typed.</summary>
    static Dictionary<string, Contract> Contracts(string[]? given)
    {
        var contracts = new Dictionary<string, Contract>();
        foreach (string pipeline in (given is null or [] ? PipelineFolders.Shipped() : given).Distinct())
        {
            var contract = PipelineFolders.OpenOwn(pipeline);
            if (contracts.FirstOrDefault(c => c.Value.Pipeline == contract.Pipeline).Key is { } other)
                throw new UsageException($"--pipeline '{pipeline}' and '{other}' have contracts of one name, '{contract.Pipeline}': the journal could not tell them apart. Rename one.");
            contracts.Add(pipeline, contract);
        }
        return contracts;
    }

    /// <summary>What is left to say of all chains when the command ends; they may end at the same time.</summary>
    sealed class Ended
    {
        readonly Lock gate = new();
        Verdict worst = Verdict.Reconciled;
        bool interrupted;

        public void Add(ChainResult result, bool stopping)
        {
            lock (gate)
            {
                worst = new[] { worst, result.Verdict }.Worst();
                interrupted |= result.Stopped && stopping;
            }
        }

        public int ExitCode(bool ofVerdicts) => interrupted ? ExitCodes.Interrupted : ofVerdicts ? ExitCodes.Of(worst) : ExitCodes.Done;
    }

    /// <returns>The exit code where it could not be done for all; null: their verdicts say it.</returns>
    static async Task<int?> MakeGoodAsync(IEnumerable<Watch> watches, Outage outage, Action<ChainResult> show, CancellationToken cancellation)
    {
        int? code = null;
        foreach (var watch in watches)
            if (await watch.LookAsync(cancellation) is { } result)
                show(result);
            else if (watch.StandsBy || outage.Lasts)
                code = ExitCodes.Unknown; // said already
            else
                Say($"'{watch.Pipeline}': nothing to make good.");
        return code;
    }
}
