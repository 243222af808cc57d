using System.CommandLine;
using System.Text.Json;
using Etl;
using Etl.Loading;

namespace Quality.Commands;

/// <summary><c>quality quarantine list|show PIPELINE</c>: what was refused, and why.</summary>
internal static class QuarantineCommand
{
    const int Shown = 50;

    public static Command Create() => new("quarantine", "See documents that were refused") { CreateList(), CreateShow() };

    static Command CreateList()
    {
        var pipeline = Options.Pipeline();
        var command = new Command("list", "List the documents in quarantine") { pipeline };
        command.SetAction(async (parsed, cancellation) =>
        {
            var contract = PipelineFolders.Open(parsed.GetRequiredValue(pipeline));
            await using var servers = await Servers.OpenAsync(null, Options.Warehouse(parsed), cancellation);
            await using var connection = await servers.Warehouse.OpenJournalAsync(TimeProvider.System, cancellation);
            var entries = new List<Entry>();
            await foreach (var row in connection.RowsAsync("""
                SELECT id, dataset, document_key, rule, path, reason, held_back, first_run, last_run FROM quality.quarantine WHERE pipeline = $1 AND state = 'open' ORDER BY id
                """, cancellation, contract.Pipeline))
                entries.Add(new Entry(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetBoolean(6), row.GetInt64(7), row.GetInt64(8)));
            if (Options.Json(parsed))
                JsonOutput.Write(new { pipeline = contract.Pipeline, entries });
            else if (entries.Count == 0)
                Terminal.Say("No document is in quarantine.");
            else
            {
                Terminal.Table("By rule", ["dataset", "rule", "path", "#documents"], entries.GroupBy(e => (e.Dataset, e.Rule, e.Path)).OrderByDescending(g => g.Count())
                    .Select(g => (IReadOnlyList<string>)[g.Key.Dataset, g.Key.Rule, g.Key.Path, Terminal.Count(g.Count())]));
                Terminal.Table($"{Math.Min(Shown, entries.Count)} of {Terminal.Count(entries.Count)}", ["#id", "dataset", "document", "rule", "reason", "held back"],
                    entries.Take(Shown).Select(e => (IReadOnlyList<string>)[$"{e.Id}", e.Dataset, e.Document, e.Rule, e.Reason, e.HeldBack ? "yes" : ""]));
            }
            return ExitCodes.Done;
        });
        return command;
    }

    static Command CreateShow()
    {
        var pipeline = Options.Pipeline();
        var id = new Argument<long[]>("ID") { Description = "Numbers from 'quarantine list'", Arity = ArgumentArity.OneOrMore };
        var command = new Command("show", "Show everything that is wrong with certain documents; personal values stay masked") { pipeline, id };
        command.SetAction(async (parsed, cancellation) =>
        {
            var contract = PipelineFolders.Open(parsed.GetRequiredValue(pipeline));
            await using var servers = await Servers.OpenAsync(null, Options.Warehouse(parsed), cancellation);
            await using var connection = await servers.Warehouse.OpenJournalAsync(TimeProvider.System, cancellation);
            long[] wanted = parsed.GetRequiredValue(id);
            var shown = new List<object>();
            await foreach (var row in connection.RowsAsync("""
                SELECT id, dataset, document_key, state, violations::text, octet_length(document) FROM quality.quarantine WHERE pipeline = $1 AND id = ANY ($2) ORDER BY id
                """, cancellation, contract.Pipeline, wanted))
            {
                var violations = JsonSerializer.Deserialize<Etl.Validation.Violation[]>(row.GetString(4), JsonSerializerOptions.Web)!;
                shown.Add(new { id = row.GetInt64(0), dataset = row.GetString(1), document = row.GetString(2), state = row.GetString(3), bytes = row.GetInt32(5), violations });
                if (!Options.Json(parsed))
                    Terminal.Table($"{row.GetInt64(0)}: {row.GetString(1)} {row.GetString(2)}, {row.GetInt32(5)} bytes, {row.GetString(3)}", ["rule", "path", "value", "message"],
                        violations.Select(v => (IReadOnlyList<string>)[v.Rule, v.Path, v.Value, v.Message]));
            }
            if (Options.Json(parsed))
                JsonOutput.Write(new { pipeline = contract.Pipeline, entries = shown });
            if (shown.Count < wanted.Distinct().Count())
                throw new UsageException($"Pipeline '{contract.Pipeline}' has {shown.Count} of the {wanted.Distinct().Count()} entries asked for. See: quality quarantine list {contract.Pipeline}");
            return ExitCodes.Done;
        });
        return command;
    }

    sealed record Entry(long Id, string Dataset, string Document, string Rule, string Path, string Reason, bool HeldBack, long FirstRun, long LastRun);
}
