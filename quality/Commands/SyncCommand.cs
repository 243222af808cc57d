using System.CommandLine;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Quality.Commands.Progress;

namespace Quality.Commands;

/// <summary><c>quality sync PIPELINE</c>: brings the warehouse to the state of the source.</summary>
internal static class SyncCommand
{
    public static Command Create()
    {
        var (pipeline, dataset, workers, from, to) = (Options.Pipeline(), Options.Dataset(), Workers(), Options.From(), Options.To());
        var follow = new Option<bool>("--follow") { Description = "Event files and queues: go on with what comes, until stopped by Ctrl-C or SIGTERM; then it exits with 130" };
        var command = new Command("sync", "Read the source and bring the warehouse's tables to its state. Exit code 0: complete; 1: too many documents refused, or a check of the warehouse is broken; 2: a server or collection is missing, or a check has no answer")
        {
            pipeline, dataset, from, to, follow, workers,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var contract = PipelineFolders.OpenOwn(parsed.GetRequiredValue(pipeline));
            var datasets = PipelineFolders.Select(contract, parsed.GetValue(dataset));
            var options = new SyncOptions { Datasets = datasets, Days = Options.Days(parsed.GetValue(from), parsed.GetValue(to), TimeProvider.System), Seed = Options.Seed(parsed), BatchDocuments = BatchDocuments(), Workers = CheckedWorkers(parsed.GetValue(workers)) };
            string typed = PipelineFolders.Typed(parsed.GetRequiredValue(pipeline)), again = $"quality sync {typed}";
            bool follows = parsed.GetValue(follow), json = Options.Json(parsed);
            if (follows)
                Following.Check(contract);
            JsonOutput.Lines = follows;
            SyncResult? result = null;
            SourceEffort? effort = null;
            try
            {
                await using var servers = await Servers.OpenAsync(parsed, contract, withQueue: true, cancellation);
                await using var source = new SourceFactory(servers, options.Days, readsAll: false, Options.Seed(parsed)).Open(contract);
                try
                {
                    await ContractShelf.KeepAsync(servers.Warehouse, contract, TimeProvider.System, cancellation);
                    Task<SyncResult> SyncAsync() => RunAsync(contract, source, servers.Warehouse, options, again, cancellation);
                    if (follows)
                        await new Following(contract, source, datasets ?? contract.Datasets, TimeProvider.System, Show).RunAsync(SyncAsync, $"{again} --follow", cancellation);
                    else
                        result = await SyncAsync();
                }
                finally
                {
                    effort = source.Effort; // also of a source that failed for good
                }
            }
            catch (Exception e) when (json && e is (UnavailableException or Npgsql.NpgsqlException))
            {
                JsonOutput.Write(new { pipeline = contract.Pipeline, verdict = Verdict.Unknown.Word(), reason = e.Message, datasets = Array.Empty<object>(), tables = Array.Empty<object>(), marts = Array.Empty<object>(), checks = Array.Empty<object>(), effort = ToJson(effort ?? SourceEffort.None) });
                throw;
            }
            catch (OperationCanceledException e) when (cancellation.IsCancellationRequested && e is not InterruptedException)
            {
                throw Stopped(contract, DurableState.Untouched(again), effort ?? SourceEffort.None, e);
            }
            Show(result!);
            return ExitCodes.Of(result!.Verdict);

            void Show(SyncResult shown)
            {
                if (json)
                    JsonOutput.Write(ToJson(contract, shown));
                else
                    Print(shown, typed);
            }
        });
        return command;
    }

    /// <param name="again">The command that goes on after an interruption.</param>
    static async Task<SyncResult> RunAsync(Contract contract, IDocumentSource source, Warehouse warehouse, SyncOptions options, string again, CancellationToken cancellation)
    {
        var began = TimeProvider.System.GetUtcNow();
        try
        {
            return await ProgressDisplay.RunAsync(TimeProvider.System, progress =>
                new Synchronizer(contract, source, warehouse, TimeProvider.System).RunAsync(options with { Progress = progress }, cancellation));
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            throw Stopped(contract, await DurableState.ReadAsync(warehouse, contract, began, again, TimeProvider.System), source.Effort, e);
        }
    }

    static InterruptedException Stopped(Contract contract, DurableState left, SourceEffort effort, OperationCanceledException e) => new(left.Sentence, e)
    {
        Document = new
        {
            pipeline = contract.Pipeline,
            run = left.Run,
            verdict = Verdict.Unknown.Word(),
            interrupted = true,
            reason = left.Sentence,
            durable = left.Datasets,
            datasets = Array.Empty<object>(),
            tables = Array.Empty<object>(),
            marts = Array.Empty<object>(),
            checks = Array.Empty<object>(),
            effort = ToJson(effort),
        },
    };

    /// <summary>How much is committed at a time; smaller batches lose less when a run is killed, and take longer.</summary>
    const string BatchVariable = "QUALITY_BATCH_DOCUMENTS";

    internal static int BatchDocuments() => Environment.GetEnvironmentVariable(BatchVariable) is not { Length: > 0 } text ? DocumentBatch.DefaultDocuments
        : int.TryParse(text, out int documents) && documents is >= 1 and <= 1_000_000 ? documents
        : throw new UsageException($"{BatchVariable} must be a number of documents from 1 to 1000000, not '{text}'. Unset it for {DocumentBatch.DefaultDocuments}.");

    const int MostWorkers = 16;

    static Option<int?> Workers() => new("--workers")
    {
        Description = $"Ranges of a dataset that are loaded at the same time, each on a connection of its own: 1 to {MostWorkers}. Default: one more than processors, from 2 to 4",
        HelpName = "N",
    };

    static int CheckedWorkers(int? workers) => workers switch
    {
        null => new SyncOptions().Workers,
        >= 1 and <= MostWorkers => workers.Value,
        _ => throw new UsageException($"--workers must be from 1 to {MostWorkers}, not {workers}. Leave it out for {new SyncOptions().Workers}."),
    };

    static object ToJson(SourceEffort effort) => new { effort.Retries, effort.Reopened, effort.TimedOut, effort.Pending, effort.Remarks };

    internal static object ToJson(Contract contract, SyncResult result) => new
    {
        pipeline = contract.Pipeline,
        run = result.Run,
        verdict = result.Verdict.Word(),
        reason = result.Reason,
        source = result.Source,
        datasets = result.Documents.Select(d => new { dataset = d.Dataset, d.Read, d.Loaded, d.Unchanged, d.Deleted, d.Quarantined, d.Duplicate, d.Superseded, d.Filtered }),
        tables = result.Tables.Select(t => new { table = t.Table.Name, schema = t.Table.Schema, t.Produced, t.Inserted, t.Updated, t.Unchanged, t.Merged, t.Removed, t.RowsBefore, t.RowsAfter }),
        marts = result.Marts.Select(m => new { mart = m.Mart.Name, schema = m.Mart.Schema, m.Mart.Kind, m.Built, m.Rows, m.Inserted, m.Removed, m.Milliseconds, m.WaitsFor }),
        checks = result.Checks.Select(c => new { c.Table, c.Column, c.Rule, c.Name, c.Measured, c.Expected, c.Unit, c.Holds, c.Warns, c.Failing, c.Failure }),
        effort = ToJson(result.Effort),
    };

    /// <param name="pipeline">As it was typed.</param>
    internal static void Print(SyncResult result, string pipeline)
    {
        Terminal.Table($"Documents of {result.Source}", ["dataset", "#read", "#loaded", "#unchanged", "#deleted", "#quarantined", "#duplicate", "#superseded", "#filtered"],
            result.Documents.Select(d => (IReadOnlyList<string>)[d.Dataset, .. new[] { d.Read, d.Loaded, d.Unchanged, d.Deleted, d.Quarantined, d.Duplicate, d.Superseded, d.Filtered }.Select(Terminal.Count)]));
        Terminal.Table("Rows", ["table", "#produced", "#inserted", "#updated", "#unchanged", "#merged", "#removed", "#now"],
            result.Tables.Select(t => (IReadOnlyList<string>)[t.Table.QualifiedName, .. new[] { t.Produced, t.Inserted, t.Updated, t.Unchanged, t.Merged, t.Removed, t.RowsAfter ?? 0 }.Select(Terminal.Count)]));
        if (result.Marts.Count > 0)
            Terminal.Table("Marts", ["mart", "kind", "#rows", "#inserted", "#removed", "result"], result.Marts.Select(m => (IReadOnlyList<string>)[m.Mart.QualifiedName, m.Mart.Kind,
                m.Rows is { } rows ? Terminal.Count(rows) : "–", Terminal.Count(m.Inserted), Terminal.Count(m.Removed), m.Built ? "built" : m.WaitsFor.Count > 0 ? $"waits for {string.Join(", ", m.WaitsFor)}" : "not built"]));
        if (result.Checks.Count > 0)
            Terminal.Table("Checks of the warehouse", ["check", "of", "rule", "#measured", "must be", "unit", "result"], result.Checks.Select(CheckText.Cells));
        foreach (var check in result.Checks.Where(c => c.Holds != true))
            Terminal.Say(CheckText.Sentence(check));
        foreach (string line in EffortText.Lines(result.Effort))
            Terminal.Say(line);
        Terminal.Verdict(result.Verdict, result.Reason);
        if (result.Documents.Any(d => d.Quarantined > 0))
            Terminal.Say($"Look: quality quarantine list {pipeline}");
    }
}
