using System.CommandLine;
using System.CommandLine.Parsing;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Quality.Commands.Progress;
using Quality.External;
using Quality.Reconciliation;

namespace Quality.Commands;

/// <summary><c>quality reconcile --external MAPPING</c>: judges tables that somebody else fills. Nothing is written, anywhere.</summary>
internal static class ExternalReconciliation
{
    static readonly string[] Allowed = ["--external", "--dataset", "--level", "--mongo", "--warehouse", "--json", "--seed"];

    /// <param name="pipeline">Shown in place of the mapping's name.</param>
    public static async Task<int> RunAsync(ParseResult parsed, string mapping, string? pipeline, string[]? datasets, Level level, CancellationToken cancellation)
    {
        foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>().Where(o => !o.Implicit && !Allowed.Contains(o.Option.Name)))
            throw new UsageException($"{option.Option.Name} does not go with --external: tables that somebody else fills are only read, whole.");
        var contract = ContractReader.Read(mapping);
        string name = pipeline ?? contract.Pipeline;
        var selected = PipelineFolders.Select(contract, datasets) ?? contract.Datasets;
        try
        {
            await using var servers = await Servers.OpenAsync(parsed, contract, withQueue: false, cancellation);
            await using var source = new SourceFactory(servers, null, readsAll: true, Options.Seed(parsed)).Open(contract);
            string described = (await source.DescribeAsync(cancellation)).Name;
            var tables = await ProgressDisplay.RunAsync(TimeProvider.System, progress =>
                new ExternalReconciler(source, servers.Warehouse).RunAsync(selected, new ReconcileOptions { Level = level, Progress = progress }, cancellation));
            var (verdict, reason) = ExternalReconciler.Judge(tables, level);
            var result = new ReconcileResult(0, verdict, reason, described, [.. tables.Select(t => t.Result)]);
            if (Options.Json(parsed))
                JsonOutput.Write(ToJson(name, result, tables));
            else
                Print(result, tables);
            return ExitCodes.Of(verdict);
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            const string reason = "Interrupted. Nothing was judged, and nothing was written; run the command again.";
            throw new InterruptedException(reason, e) { Document = new { pipeline = name, verdict = Verdict.Unknown.Word(), interrupted = true, reason, coverage = 0.0, datasets = Array.Empty<object>() } };
        }
        catch (Exception e) when (Options.Json(parsed) && e is (UnavailableException or Npgsql.NpgsqlException))
        {
            JsonOutput.Write(new { pipeline = name, verdict = Verdict.Unknown.Word(), reason = e.Message, coverage = 0.0, datasets = Array.Empty<object>() });
            throw;
        }
    }

    static object ToJson(string name, ReconcileResult result, IReadOnlyList<ExternalTable> tables) => new
    {
        pipeline = name,
        external = true,
        verdict = result.Verdict.Word(),
        reason = result.Reason,
        coverage = result.Coverage,
        source = result.Source,
        datasets = tables.Select(t => new
        {
            dataset = t.Result.Table.Dataset.Name,
            table = t.Result.Table.Name,
            schema = t.Result.Table.Schema,
            t.Result.Source,
            t.Result.Warehouse,
            t.Result.Quarantined,
            t.Result.Missing,
            t.Result.Unexpected,
            t.Result.Changed,
            t.Result.Matched,
            t.Result.Coverage,
            verdict = t.Result.Verdict.Word(),
            t.Result.Reason,
            t.NotCompared,
            // There is no journal to look them up in.
            differences = t.Result.Differences.Select(d => new { kind = d.Kind.ToString().ToLowerInvariant(), d.Key, cells = d.Cells.Where(c => !c.Equal) }),
        }),
    };

    static void Print(ReconcileResult result, IReadOnlyList<ExternalTable> tables)
    {
        Terminal.Table($"Reconciliation with {result.Source}", ["table", "#source", "#warehouse", "#missing", "#unexpected", "#changed", "#matched", "verdict"],
            result.Tables.Select(t => (IReadOnlyList<string>)[t.Table.QualifiedName, .. new[] { t.Source, t.Warehouse, t.Missing, t.Unexpected, t.Changed, t.Matched }.Select(Terminal.Count), t.Verdict.Word()]));
        ReconcileCommand.PrintDifferences(result);
        foreach (var table in tables.Where(t => t.NotCompared.Count > 0))
            Terminal.Say($"Not compared, because the mapping does not name them: {string.Join(", ", table.NotCompared)} of {table.Result.Table.QualifiedName}.");
        Terminal.Verdict(result.Verdict, result.Reason);
    }
}
