using Quality.Ui;
using static Quality.Ui.Format;

namespace Quality.Reports;

/// <summary>A verdict and its reason in one sentence. What nobody looked at is Unknown.</summary>
static class Judgement
{
    public static (Verdict Verdict, string Reason) Of(PipelineReport report)
    {
        if (report.Sync is null && report.Comparison is null)
            return (Verdict.Unknown, "Nothing was compared: no run of this pipeline is in the journal.");
        if (report.Comparison is not { } run || report.Rounds is [])
            return (Verdict.Unknown, report.Comparison?.Reason ?? "Nothing was compared: no reconciliation has been run.");
        var round = report.Rounds[^1];
        if (round.Run != run.Id)
            return (Verdict.Unknown, run.Reason ?? $"Run {run.Id}, the latest to compare, {(run.Ended is null ? "has not ended" : "compared nothing")}.");

        var verdict = new[] { round.Verdict, run.Verdict ?? Verdict.Unknown, round.Tables.Select(t => t.Verdict).Worst() }.Worst();
        // What was mended, and not looked at since, is not proved to be right.
        if (round.Differences > 0 && round.Repaired >= round.Differences)
            return (Verdict.Unknown, $"{Format.Of(round.Differences, "difference")} {(round.Differences == 1 ? "was" : "were")} mended by run {round.Run}, and nothing was compared since.");
        if (verdict == Verdict.Mismatched) return (verdict, Mismatch(round, run));
        if (report.Sync is { } sync)
        {
            if (sync.Verdict == Verdict.Mismatched) return (Verdict.Mismatched, sync.Reason ?? $"Sync run {sync.Id} ended as mismatched.");
            // What was compared is no longer what is there.
            if (sync.Id > run.Id && (sync.Changes > 0 || sync.Ended is null))
                return (Verdict.Unknown, $"Nothing was compared since run {sync.Id} changed {Format.Of(sync.Changes, "row")}.");
        }
        // A repair makes the marts anew, and what is wrong with them then is in no sync's verdict.
        if (report.Checks.FirstOrDefault(c => c.Holds == false && !c.Warns && c.Rule.StartsWith("mart", StringComparison.Ordinal)) is { } mart)
            return (Verdict.Mismatched, $"Check '{mart.Title}' of mart {mart.Place} is broken; all marts keep the content that they had.");
        if (verdict == Verdict.Reconciled && Gaps.NotCompared(report, round) is { Count: > 0 } left)
            return (Verdict.Unknown, $"Run {round.Run}, the latest to compare, left out {Names(left)}.");
        if (verdict == Verdict.Reconciled && report.Checks.FirstOrDefault(c => c.Holds is null && !c.Warns) is { } unanswered)
            return (Verdict.Unknown, $"Check '{unanswered.Title}' on {unanswered.Place} could not be answered.");
        if (verdict == Verdict.Reconciled && round.Tables.Any(t => t.Coverage < 1) && run.Reason is { } part)
            return (verdict, part); // of what was asked for; the sentence says how much that was
        return verdict == Verdict.Unknown ? (verdict, Doubt(round, run)) : (verdict, Match(round));
    }

    public static string Over(IReadOnlyList<PipelineReport> pipelines)
    {
        if (pipelines is []) return "Nothing was compared: the journal knows no run.";
        if (pipelines is [var only]) return only.Reason;
        var worst = pipelines.Select(p => p.Verdict).Worst();
        var such = pipelines.Where(p => p.Verdict == worst).ToList();
        return $"{such.Count} of {pipelines.Count} pipelines {(such.Count == 1 ? "is" : "are")} {worst.Word()}: {Names(such.Select(p => p.Pipeline))}.";
    }

    static string Match(ReconciliationRound round)
    {
        var quarantined = round.Tables.Sum(t => t.Quarantined);
        return $"{Format.Of(round.Matched, "row")} in {Format.Of(round.Tables.Count, "table")} {(round.Matched == 1 ? "equals its" : "equal their")} source, value by value"
            + (quarantined == 0 ? "; no document is in quarantine." : $"; {Format.Of(quarantined, "document")} {(quarantined == 1 ? "is" : "are")} in quarantine.");
    }

    static string Mismatch(ReconciliationRound round, RunFacts run)
    {
        if (round.Differences == 0)
            return run.Reason ?? round.Reason ?? round.Tables.FirstOrDefault(t => t.Verdict == Verdict.Mismatched)?.Reason ?? "The counts of both sides differ.";
        var kinds = new[] { (round.Missing, "missing"), (round.Unexpected, "unexpected"), (round.Changed, "changed") }.Where(k => k.Item1 > 0).ToList();
        var (first, word) = kinds[0];
        var text = $"{Format.Of(first, "row")} {(first == 1 ? "is" : "are")} {word}";
        foreach (var (count, kind) in kinds.Skip(1)) text += (kind == kinds[^1].Item2 ? " and " : ", ") + $"{Count(count)} {kind}";
        var tables = round.Tables.Where(t => t.Differences > 0).Select(t => t.Table).ToList();
        return $"{text} in {tables.Count} of {Format.Of(round.Tables.Count, "table")}: {Names(tables)}.";
    }

    static string Doubt(ReconciliationRound round, RunFacts run)
    {
        if ((run.Reason ?? round.Reason) is { } reason) return reason;
        if (run.Ended is null) return $"Run {run.Id} has not ended: it is still running, or it died.";
        var counted = round.Tables.Count(t => t.Level == "counts");
        if (counted > 0) return $"{counted} of {Format.Of(round.Tables.Count, "table")} {(counted == 1 ? "was" : "were")} compared by count alone, which cannot prove that contents are equal.";
        var unsure = round.Tables.Where(t => t.Verdict == Verdict.Unknown).ToList();
        return unsure.FirstOrDefault(t => t.Reason is not null)?.Reason
            ?? $"{unsure.Count} of {Format.Of(round.Tables.Count, "table")} could not be verified.";
    }

    static string Names(IEnumerable<string> names)
    {
        var all = names.ToList();
        return string.Join(", ", all.Take(5)) + (all.Count > 5 ? $" and {all.Count - 5} more" : "");
    }
}
