using System.CommandLine;
using Etl;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Quality.Commands.Progress;
using Quality.Reconciliation;

namespace Quality.Commands;

/// <summary><c>quality reconcile PIPELINE</c>: compares both sides, and mends on demand.</summary>
internal static class ReconcileCommand
{
    const int ShownDifferences = 10, ShownKeys = 3;

    public static Command Create()
    {
        var (pipeline, dataset, from, to) = (Options.Pipeline(), Options.Dataset(), Options.From(), Options.To());
        var level = new Option<string>("--level") { Description = "contents: every column of every row; counts: numbers of rows only (at best unknown)", DefaultValueFactory = _ => "contents" };
        level.AcceptOnlyFromAmong("contents", "counts");
        var repair = new Option<bool>("--repair") { Description = "Write what differs anew from the source, then compare again; exits by the verdict after mending" };
        var deleteUnexpected = new Option<bool>("--delete-unexpected") { Description = "With --repair: also remove rows that the source does not know" };
        var settle = new Option<string>("--settle") { Description = "How long differences are looked at again, with growing pauses, before they count: 30s, 2m; 0: they are reported as found", HelpName = "TIME", DefaultValueFactory = _ => "30s" };
        var budget = new Option<string?>("--budget") { Description = "Compare segments drawn at random until this time is over: 30s, 5m. At best unknown, with a bound; other segments each time unless --seed is given", HelpName = "TIME" };
        var budgetRows = new Option<long?>("--budget-rows") { Description = "Compare segments drawn at random until so many rows of the source were read", HelpName = "N" };
        var acceptBound = new Option<string?>("--accept-bound") { Description = "With a budget: reconciled when, with 99 % confidence, at most this share of the segments can hold a difference", HelpName = "P%" };
        var dryRun = new Option<bool>("--dry-run") { Description = "With --repair: print what would be written and removed, by table, and change nothing" };
        var where = new Option<string?>("--where") { Description = "Only documents that this MongoDB filter selects, as Extended JSON: '{\"country\": \"SE\"}'. Goes with one --dataset", HelpName = "FILTER" };
        var junit = new Option<string?>("--junit") { Description = "Write the result as JUnit XML too, for CI: a test case for each table and each check", HelpName = "FILE" };
        var external = new Option<string?>("--external") { Description = "Judge tables that somebody else fills, by this mapping (a contract.yaml, or its folder), read-only; PIPELINE may be left out", HelpName = "MAPPING" };
        pipeline.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("reconcile", "Compare source and warehouse, column by column. Exit code 0: reconciled; 1: mismatched; 2: unknown")
        {
            external, pipeline, dataset, from, to, where, level, settle, budget, budgetRows, acceptBound, repair, deleteUnexpected, dryRun, junit,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(external) is { } mapping)
                return await ExternalReconciliation.RunAsync(parsed, mapping, parsed.GetValue(pipeline), parsed.GetValue(dataset), parsed.GetValue(level) == "counts" ? Level.Counts : Level.Contents, cancellation);
            if (parsed.GetValue(pipeline) is null)
                throw new UsageException("Name a PIPELINE, or a mapping with --external. See: quality reconcile --help");
            var contract = PipelineFolders.OpenOwn(parsed.GetRequiredValue(pipeline));
            string typed = PipelineFolders.Typed(parsed.GetRequiredValue(pipeline));
            var options = new ReconcileOptions { Days = Options.Days(parsed.GetValue(from), parsed.GetValue(to), TimeProvider.System), Datasets = PipelineFolders.Select(contract, parsed.GetValue(dataset)), Level = parsed.GetValue(level) == "counts" ? Level.Counts : Level.Contents, Seed = Options.Seed(parsed), Settle = Options.Duration("--settle", parsed.GetRequiredValue(settle)) };
            options = WithBudget(options, parsed.GetValue(budget), parsed.GetValue(budgetRows), parsed.GetValue(acceptBound), parsed.GetValue(repair));
            byte[]? filter = Filter(parsed.GetValue(where), contract, options);
            options = options with { IsFiltered = filter is not null };
            if (parsed.GetValue(deleteUnexpected) && !parsed.GetValue(repair))
                throw new UsageException("--delete-unexpected goes with --repair.");
            if (parsed.GetValue(dryRun) && !parsed.GetValue(repair))
                throw new UsageException("--dry-run goes with --repair: without it, nothing is written anyway.");
            if (parsed.GetValue(repair) && options.Level == Level.Counts)
                throw new UsageException("--repair needs to see contents; leave --level counts out.");
            string? report = ReportFile(parsed.GetValue(junit));
            try
            {
                await using var servers = await Servers.OpenAsync(parsed, contract, withQueue: false, cancellation);
                var asked = options.Days ?? await DaysOfRuns.ReadAsync(servers.Warehouse, contract, TimeProvider.System, cancellation);
                await using var source = new SourceFactory(servers, asked, readsAll: true, Options.Seed(parsed)) { Where = filter }.Open(contract);
                await ContractShelf.KeepAsync(servers.Warehouse, contract, TimeProvider.System, cancellation);
                var (result, mended) = await ProgressDisplay.RunAsync<(ReconcileResult, RepairResult?)>(TimeProvider.System, async progress =>
                {
                    var told = options with { Progress = progress };
                    if (!parsed.GetValue(repair))
                        return (await new Reconciler(contract, source, servers.Warehouse, TimeProvider.System).RunAsync(told, cancellation), null);
                    var mending = await new Repairer(contract, source, servers.Warehouse, TimeProvider.System).RunAsync(told, parsed.GetValue(deleteUnexpected), cancellation, parsed.GetValue(dryRun));
                    return (mending.After, mending);
                });
                if (report is not null)
                    JUnitReport.Write(report, contract, result, TimeProvider.System);
                if (Options.Json(parsed))
                    JsonOutput.Write(ToJson(contract, result, mended));
                else
                    Print(result, mended, typed);
                return ExitCodes.Of(mended?.Verdict ?? result.Verdict);
            }
            catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
            {
                string reason = parsed.GetValue(repair)
                    ? $"Interrupted. What the repair had written stays, whole documents and rows; nothing was judged. Run 'quality reconcile {typed} --repair' again."
                    : $"Interrupted. Nothing was judged, and the tables were only read; run 'quality reconcile {typed}' again.";
                throw new InterruptedException(reason, e) { Document = new { pipeline = contract.Pipeline, verdict = Verdict.Unknown.Word(), interrupted = true, reason, coverage = 0.0, datasets = Array.Empty<object>() } };
            }
            catch (Exception e) when (e is UnavailableException or Npgsql.NpgsqlException)
            {
                // A script that reads JSON or a report is told there that nothing is known.
                if (report is not null)
                    JUnitReport.WriteUnknown(report, contract, e.Message, TimeProvider.System);
                if (Options.Json(parsed))
                    JsonOutput.Write(new { pipeline = contract.Pipeline, verdict = Verdict.Unknown.Word(), reason = e.Message, coverage = 0.0, datasets = Array.Empty<object>() });
                throw;
            }
        });
        return command;
    }

    /// <returns>The filter as BSON; null: none was given.</returns>
    /// <exception cref="UsageException">It is no filter, or the source knows none.</exception>
    static byte[]? Filter(string? text, Contract contract, ReconcileOptions options)
    {
        if (text is null)
            return null;
        if ((options.Datasets ?? contract.Datasets) is not [var dataset])
            throw new UsageException("--where selects documents of one dataset: name it by --dataset.");
        if (!dataset.IsOrdered)
            throw new UsageException($"--where is a MongoDB filter; dataset '{dataset.Name}' is {(dataset.Server.Kind == ServerKinds.MongoDb ? "of events, where any document may decide over another's key" : $"read from a source of kind '{dataset.Server.Kind}', which knows no filter")}. Select days by --from and --to.");
        if (options.Budget is not null)
            throw new UsageException("--where does not go with a budget: nobody knows how many documents it selects of what was not read.");
        try
        {
            return ExtendedJson.Parse(text, ExtendedJsonOptions.Relaxed);
        }
        catch (ExtendedJsonException e)
        {
            throw new UsageException($"--where is no filter in Extended JSON: {e.Message.TrimEnd('.')}. Write a JSON object such as '{{\"age\": {{\"$gte\": 18}}}}'.", e);
        }
    }

    /// <exception cref="UsageException">An option is out of its range, or goes not with another.</exception>
    static ReconcileOptions WithBudget(ReconcileOptions options, string? time, long? rows, string? acceptBound, bool repairs)
    {
        if (time is null && rows is null)
            return acceptBound is null ? options : throw new UsageException("--accept-bound goes with --budget or --budget-rows: when everything is compared, there is nothing to accept.");
        string given = time is null ? "--budget-rows" : "--budget";
        if (repairs)
            throw new UsageException($"{given} does not go with --repair: what was not looked at cannot be mended. Repair without a budget.");
        if (options.Level == Level.Counts)
            throw new UsageException($"{given} compares contents; leave --level counts out.");
        if (options.Days is not null)
            throw new UsageException($"{given} draws from all documents; leave --from and --to out.");
        if (rows < 1)
            throw new UsageException($"--budget-rows must be at least 1, not {rows}.");
        var limit = time is null ? (TimeSpan?)null : Options.Duration("--budget", time);
        if (limit == TimeSpan.Zero)
            throw new UsageException("--budget must be more than 0.");
        return options with
        {
            Budget = new Budget(limit, rows),
            AcceptBound = acceptBound is null ? null : Options.Share("--accept-bound", acceptBound),
            Seed = options.Seed ?? (int)(TimeProvider.System.GetUtcNow().Ticks & int.MaxValue), // another night, other segments; kept with the run
        };
    }

    /// <exception cref="UsageException">Nothing can be written there.</exception>
    static string? ReportFile(string? path)
    {
        if (path is null)
            return null;
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full) || Path.GetDirectoryName(full) is not { } folder || !Directory.Exists(folder))
            throw new UsageException($"--junit names a file in a folder that exists, not '{path}'.");
        return full;
    }

    internal static object ToJson(Contract contract, ReconcileResult result, RepairResult? mended) => new
    {
        pipeline = contract.Pipeline,
        run = result.Run,
        verdict = (mended?.Verdict ?? result.Verdict).Word(),
        reason = mended?.Marts?.Trouble is { } trouble ? $"{result.Reason} {trouble}" : result.Reason,
        coverage = result.Coverage,
        result.Bound,
        result.Seed,
        source = result.Source,
        datasets = result.Tables.Select(t => new
        {
            dataset = t.Table.Dataset.Name,
            table = t.Table.Name,
            schema = t.Table.Schema,
            t.Source,
            t.Warehouse,
            t.Quarantined,
            t.HeldBack,
            t.Unreferenced,
            t.Documents,
            t.Duplicate,
            t.Superseded,
            t.Missing,
            t.Unexpected,
            t.Changed,
            t.InFlight,
            oldestInFlightSeconds = t.InFlight == 0 ? (double?)null : Math.Round(t.OldestInFlight.TotalSeconds, 1),
            t.NotLookedAtAgain,
            t.Matched,
            t.Coverage,
            t.Bound,
            verdict = t.Verdict.Word(),
            t.Reason,
            days = t.Days.Count == 0 ? null : t.Days,
        }),
        checks = result.Checks.Select(c => new { c.Table, c.Column, c.Rule, c.Name, c.Measured, c.Expected, c.Unit, c.Holds, c.Warns, c.Failing, c.Failure }),
        repair = mended is null ? null : new
        {
            mended.Run,
            mended.Rewritten,
            mended.Removed,
            mended.LeftUnexpected,
            before = mended.Before.Verdict.Word(),
            dryRun = mended.IsDryRun,
            plan = mended.Plan.Select(s => new { table = s.Table.QualifiedName, s.Action, s.Rows, s.Documents, s.Sample }),
        },
    };

    /// <param name="pipeline">As it was typed.</param>
    internal static void Print(ReconcileResult result, RepairResult? mended, string pipeline)
    {
        if (mended is { IsDryRun: true })
            Terminal.Table("A repair would, and nothing was written now", ["table", "action", "#rows", "#documents", "keys"],
                mended.Plan.Select(s => (IReadOnlyList<string>)[s.Table.QualifiedName, s.Action, Terminal.Count(s.Rows), Terminal.Count(s.Documents), string.Join("; ", s.Sample.Take(ShownKeys)) + (s.Rows > ShownKeys ? " …" : "")]));
        else if (mended is not null)
            Terminal.Say($"Before: {mended.Before.Reason} Repair: {Terminal.Count(mended.Rewritten)} documents written anew, {Terminal.Count(mended.Removed)} rows removed.");
        Terminal.Table($"Reconciliation with {result.Source}", ["table", "#source", "#warehouse", "#quarantined", "#held back", "#missing", "#unexpected", "#changed", "#in flight", "#matched", "verdict"],
            result.Tables.Select(t => (IReadOnlyList<string>)[t.Table.QualifiedName,
                .. new[] { t.Source, t.Warehouse, t.Quarantined, t.HeldBack, t.Missing, t.Unexpected, t.Changed, t.InFlight, t.Matched }.Select(Terminal.Count), t.Verdict.Word()]));
        if (result.Checks.Any(c => c.Holds != true))
        {
            Terminal.Table("Checks of the warehouse", ["check", "of", "rule", "#measured", "must be", "unit", "result"], result.Checks.Select(CheckText.Cells));
            foreach (var check in result.Checks.Where(c => c.Holds == false))
                Terminal.Say(CheckText.Sentence(check));
        }
        PrintDifferences(result);
        if (mended?.Marts?.Trouble is { } trouble)
            Terminal.Say(trouble);
        Terminal.Verdict(mended?.Verdict ?? result.Verdict, result.Reason);
        if (result.Verdict == Verdict.Mismatched)
            Terminal.Say($"Mend: quality reconcile {pipeline} --repair{(result.Tables.Any(t => t.Unexpected > 0) ? " --delete-unexpected" : "")}");
    }

    internal static void PrintDifferences(ReconcileResult result)
    {
        foreach (var table in result.Tables.Where(t => t.Differences.Count > 0))
        {
            Terminal.Table($"{table.Table.QualifiedName}: {Math.Min(ShownDifferences, table.Differences.Count)} of {Terminal.Count(table.DifferenceCount)} differences", ["kind", "key", "column", "source", "warehouse"],
                table.Differences.Take(ShownDifferences).SelectMany(Lines));
        }
    }

    static IEnumerable<IReadOnlyList<string>> Lines(Difference difference)
    {
        string kind = difference.Kind.ToString().ToLowerInvariant();
        return difference.Kind == DifferenceKind.Changed
            ? difference.Cells.Where(c => !c.Equal).Select(c => (IReadOnlyList<string>)[kind, difference.Key, c.Column, c.Source ?? "NULL", c.Warehouse ?? "NULL"])
            : [[kind, difference.Key, "", difference.Kind == DifferenceKind.Missing ? "row" : "-", difference.Kind == DifferenceKind.Missing ? "-" : "row"]];
    }
}
