using System.CommandLine;
using System.Runtime.ExceptionServices;
using Etl;
using Etl.Loading;
using Quality.Scheduling;
using Quality.Scheduling.Alerts;
using Quality.Scheduling.Metrics;

namespace Quality.Commands;

/// <summary><c>quality run PIPELINE</c>: sync, marts, reconcile and report, once.</summary>
internal static class RunCommand
{
    /// <summary>The backend of a killed process keeps its lock until it notices: so long it is waited for.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var (pipeline, from, to, days, target) = (Options.Pipeline(), Options.From(), Options.To(), ChainDays.Option(), Target());
        var command = new Command("run", "Sync, make the marts, reconcile and write the report, once; tells by webhook and mail, where they are set up, what fails and what is right again. Exits by the worst step") { pipeline, from, to, days, target };
        command.SetAction(async (parsed, cancellation) =>
        {
            string given = parsed.GetRequiredValue(pipeline), typed = PipelineFolders.Typed(given);
            var contract = PipelineFolders.OpenOwn(given);
            var selected = Options.Days(parsed.GetValue(from), parsed.GetValue(to), TimeProvider.System);
            int lastDays = ChainDays.Checked(parsed.GetValue(days));
            using var parts = new ChainParts(new Dictionary<string, string> { [contract.Pipeline] = typed }, prometheus: null);
            ChainResult result;
            try
            {
                await using var servers = await Servers.OpenAsync(null, Options.Warehouse(parsed), cancellation);
                await using var held = await HoldAsync(servers.Warehouse, contract.Pipeline, cancellation);
                await using (var work = new ChainWork(parsed, given, servers, selected, lastDays, parsed.GetValue(target)!, shows: true))
                    result = await parts.Chain(servers.Warehouse).RunAsync(contract.Pipeline, null, held, work, step => Terminal.Say($"{step.Step}: {step.Word}. {step.Reason}"), cancellation);
                if (!result.Stopped)
                    await parts.SendAsync(servers.Warehouse, contract.Pipeline, cancellation);
            }
            catch (Exception e) when (Options.Json(parsed) && e is UnavailableException or Npgsql.NpgsqlException)
            {
                JsonOutput.Write(new { pipeline = contract.Pipeline, verdict = Verdict.Unknown.Word(), reason = e.Message, steps = Array.Empty<object>() });
                throw;
            }
            if (result.Stopped && cancellation.IsCancellationRequested)
                throw new InterruptedException($"Interrupted in step {result.Steps[^1].Step}. What was committed stays; run 'quality run {typed}' again.", new OperationCanceledException(cancellation)) { Document = ToJson(result) };
            Show(result, Options.Json(parsed));
            if ((result.Fault ?? result.Failure as UsageException) is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            return ExitCodes.Of(result.Verdict);
        });
        return command;
    }

    public static Option<string> Target() => new("--out") { Description = "The report: a folder, or a file that ends in .html", HelpName = "FILE", DefaultValueFactory = _ => ReportCommand.DefaultTarget };

    /// <exception cref="UnavailableException">Another chain of the pipeline holds the lock; the message names it.</exception>
    static async Task<ChainLock> HoldAsync(Warehouse warehouse, string pipeline, CancellationToken cancellation)
    {
        await using var journal = await warehouse.OpenJournalAsync(TimeProvider.System, cancellation);
        long began = TimeProvider.System.GetTimestamp();
        ChainLock? held;
        while ((held = await ChainLock.TryTakeAsync(warehouse, pipeline, TimeProvider.System, cancellation)) is null)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new UnavailableException($"Pipeline '{pipeline}' is being run by {await ChainJournal.HolderAsync(journal, pipeline, cancellation)}. Wait until it ends, or stop it.");
            await Task.Delay(Pause, TimeProvider.System, cancellation);
        }
        var now = TimeProvider.System.GetUtcNow();
        await ChainJournal.BuryAsync(journal, pipeline, now, now, cancellation);
        return held;
    }

    static void Show(ChainResult result, bool json)
    {
        if (json)
        {
            JsonOutput.Write(ToJson(result));
            return;
        }
        Terminal.Table($"Chain {result.Id} of {result.Pipeline}", ["step", "verdict", "#seconds", "#run", "what"], result.Steps.Select(s => (IReadOnlyList<string>)
            [s.Step, s.Word, s.Took.TotalSeconds.ToString("F1", System.Globalization.CultureInfo.InvariantCulture), s.Run is { } run ? $"{run}" : "–", s.Reason]));
        Terminal.Verdict(result.Verdict, result.Reason);
        if (result.Page is { } page)
            Terminal.Say($"Open {page}");
    }

    internal static object ToJson(ChainResult result) => new
    {
        pipeline = result.Pipeline,
        chain = result.Id,
        due = result.Due,
        verdict = result.Verdict.Word(),
        interrupted = result.Stopped ? true : (bool?)null,
        reason = result.Reason,
        page = result.Page,
        steps = result.Steps.Select(s => new { s.Step, verdict = s.Verdict?.Word(), s.Reason, s.Run, s.Started, milliseconds = (long)s.Took.TotalMilliseconds }),
    };
}
