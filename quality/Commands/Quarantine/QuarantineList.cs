using System.CommandLine;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Commands.Quarantine;

/// <summary><c>quality quarantine list PIPELINE</c>: how many documents each rule refused, and which.</summary>
internal static class QuarantineList
{
    const int ShownToPeople = 50;

    public static Command Create()
    {
        var pipeline = Options.Pipeline();
        var (dataset, rule, run, state) = QuarantineFilter.Options();
        var limit = new Option<int?>("--limit") { Description = $"Documents listed at most; the counts are always of all. Default: {ShownToPeople}, with --json all", HelpName = "N" };
        var command = new Command("list", "List the documents in quarantine, and count them by rule") { pipeline, dataset, rule, run, state, limit };
        command.SetAction(async (parsed, cancellation) =>
        {
            var contract = PipelineFolders.Open(parsed.GetRequiredValue(pipeline));
            var filter = QuarantineFilter.Of(contract, parsed.GetValue(dataset), parsed.GetValue(rule), parsed.GetValue(run), parsed.GetValue(state)!);
            int? most = parsed.GetValue(limit);
            if (most < 0)
                throw new UsageException($"--limit must be 0 or more, not {most}.");
            await using var servers = await Servers.OpenAsync(null, Options.Warehouse(parsed), cancellation);
            await using var connection = await servers.Warehouse.OpenJournalAsync(TimeProvider.System, cancellation);
            var rules = await CountAsync(connection, filter, cancellation);
            var entries = await ReadAsync(connection, filter, most ?? (Options.Json(parsed) ? null : ShownToPeople), cancellation);
            long all = rules.Sum(r => r.Documents), heldBack = rules.Sum(r => r.HeldBack);
            if (Options.Json(parsed))
                JsonOutput.Write(new { pipeline = contract.Pipeline, states = filter.States, documents = all, heldBack, rules, entries });
            else if (all == 0)
                Terminal.Say(await NothingAsync(connection, contract, filter, cancellation));
            else
                Print(contract, filter, rules, entries, all, heldBack);
            return ExitCodes.Done;
        });
        return command;
    }

    static async Task<List<RuleCount>> CountAsync(NpgsqlConnection connection, QuarantineFilter filter, CancellationToken cancellation)
    {
        var counts = new List<RuleCount>();
        await foreach (var row in connection.RowsAsync($"""
            SELECT q.dataset, q.rule, {QuarantineFilter.Place} AS place, count(*), count(*) FILTER (WHERE q.held_back) FROM quality.quarantine q
            WHERE {QuarantineFilter.Where} GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
            """, cancellation, filter.Parameters))
            counts.Add(new RuleCount(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4)));
        return counts;
    }

    static async Task<List<QuarantineEntry>> ReadAsync(NpgsqlConnection connection, QuarantineFilter filter, int? most, CancellationToken cancellation)
    {
        var entries = new List<QuarantineEntry>();
        await foreach (var row in connection.RowsAsync($"""
            SELECT q.id, q.dataset, q.document_key, q.rule, q.path, q.reason, q.held_back, q.state, q.first_run, q.last_run, q.first_seen, q.last_seen FROM quality.quarantine q
            WHERE {QuarantineFilter.Where} ORDER BY q.id {(most is { } n ? $"LIMIT {n}" : "")}
            """, cancellation, filter.Parameters))
            entries.Add(new QuarantineEntry(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetBoolean(6), row.GetString(7),
                row.GetInt64(8), row.GetInt64(9), row.GetFieldValue<DateTimeOffset>(10), row.GetFieldValue<DateTimeOffset>(11)));
        return entries;
    }

    /// <summary>Nothing was found: perhaps because a rule was mistyped.</summary>
    static async Task<string> NothingAsync(NpgsqlConnection connection, Contract contract, QuarantineFilter filter, CancellationToken cancellation)
    {
        if (filter is { States: [QuarantineFilter.Open], Datasets: null, Rules: null, Run: null })
            return "No document is in quarantine.";
        var known = await connection.ListAsync<string>("SELECT DISTINCT rule FROM quality.quarantine WHERE pipeline = $1", cancellation, filter.Pipeline);
        string hint = string.Concat((filter.Rules ?? []).Where(r => !known.Contains(r)).Select(r => $" No document was ever refused by rule '{r}'.{Names.DidYouMean(r, known)}"));
        return $"No document in quarantine fits what was asked for.{hint} All open ones: quality quarantine list {PipelineFolders.Argument(contract)}";
    }

    static void Print(Contract contract, QuarantineFilter filter, List<RuleCount> rules, List<QuarantineEntry> entries, long all, long heldBack)
    {
        bool states = filter.States.Length > 1;
        Terminal.Table($"{Terminal.Count(all)} documents in quarantine, by rule", ["dataset", "rule", "path", "#documents", "#held back"],
            rules.Select(r => (IReadOnlyList<string>)[r.Dataset, r.Rule, r.Path, Terminal.Count(r.Documents), r.HeldBack == 0 ? "" : Terminal.Count(r.HeldBack)]));
        if (entries.Count == 0)
            return;
        string[] headers = ["#id", "dataset", "document", "rule", "reason", "#run", "held back", .. states ? ["state"] : Array.Empty<string>()];
        Terminal.Table(entries.Count < all ? $"{Terminal.Count(entries.Count)} of {Terminal.Count(all)}; all of them: --limit {all}" : $"All {Terminal.Count(all)}", headers,
            entries.Select(e => (IReadOnlyList<string>)[.. ((string[])[$"{e.Id}", e.Dataset, e.Document, e.Rule, e.Reason, $"{e.LastRun}", e.HeldBack ? "held back" : "", e.State]).Take(headers.Length)]));
        if (heldBack > 0)
            Terminal.Say($"Held back: an older, good version of the document stays in the tables; reconciliation leaves it out of both sides.");
        Terminal.Say($"Look at one: quality quarantine show {PipelineFolders.Argument(contract)} {entries[0].Id}");
    }
}
