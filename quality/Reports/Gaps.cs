using Quality.Ui;
using static Quality.Ui.Format;

namespace Quality.Reports;

/// <summary>What was not checked. A report that only lists what it did lets the reader think that it did all.</summary>
static class Gaps
{
    public static IReadOnlyList<string> Of(PipelineReport report)
    {
        List<string> gaps = [];
        if (report.Sync is null) gaps.Add("No sync is in the journal: how the rows came into the warehouse is not known.");
        else if (report.Sync.Ended is null) gaps.Add($"Sync run {report.Sync.Id} has no end: it is still running, or it died; its books are those of the batches that were committed.");
        if (report.Rounds is not [.., var round]) gaps.Add("No reconciliation was run: source and warehouse were not compared at all.");
        else Compared(report, round, gaps);
        if (report.Books.Sum(b => b.Filtered) is > 0 and var filtered) gaps.Add($"{Format.Of(filtered, "document")} outside the selection of run {report.Sync?.Id} {(filtered == 1 ? "was" : "were")} not loaded.");
        if (report.Checks is []) gaps.Add("No check asked for by the contract (uniqueness, row counts) was run.");
        if (report.Experiments is []) gaps.Add("Nothing was broken on purpose: how many faults the harness would find is not measured here.");
        else if (report.Experiments.Where(e => e.Injected == 0).Select(e => e.Name).ToList() is { Count: > 0 } idle)
            gaps.Add($"{Format.Of(idle.Count, "experiment")} injected nothing and so proved nothing: {string.Join(", ", idle)}.");
        if (report.Contract.Missing is { } missing && report.Sync is not null) gaps.Add($"Which rules held is not told in full. {missing}");
        if (report.Sync is { ContractHash: { } loadedBy } loading && report.Comparison is { ContractHash: { } judgedBy } judging && loadedBy != judgedBy)
            gaps.Add($"Run {loading.Id} loaded by one contract (version {loading.Contract}), run {judging.Id} compared by another (version {judging.Contract}).");
        if (report.Loads is []) gaps.Add("No load test has been run.");
        return gaps;
    }

    static void Compared(PipelineReport report, ReconciliationRound round, List<string> gaps)
    {
        if (Names(round, t => t.Level == "counts") is { } counted)
            gaps.Add($"Compared by count alone, not by content: {counted}.");
        foreach (var table in round.Tables.Where(t => t.Level != "counts" && t.Coverage < 1))
            gaps.Add($"Only {Percent(table.Coverage)} of {table.Table} was compared.");
        if (NotCompared(report, round) is { Count: > 0 } left)
            gaps.Add($"Not compared: {string.Join(", ", left)}.");
        if (round.Tables.Sum(t => t.HeldBack) is > 0 and var held)
            gaps.Add($"{Format.Of(held, "row")} left out of both sides: a newer version of {(held == 1 ? "its" : "their")} document is in quarantine.");
        if (round.Tables.Sum(t => t.Quarantined) is > 0 and var refused)
            gaps.Add($"The contents of {Format.Of(refused, "document")} in quarantine {(refused == 1 ? "was" : "were")} compared with nothing: no row stands for {(refused == 1 ? "it" : "them")}.");
        if (round.Tables.Sum(t => t.Unreferenced) is > 0 and var lonely)
            gaps.Add($"{Format.Of(lonely, "dimension row")} that no document refers to any more {(lonely == 1 ? "was" : "were")} counted, not compared.");
        if (Names(round, t => t.Level != "counts" && t.Verdict == Verdict.Unknown) is { } unsure)
            gaps.Add($"Not verified, for instance because it kept changing while it was looked at: {unsure}.");
        if (report.Sync is { } sync && sync.Id > round.Run && sync.Changes > 0)
            gaps.Add($"Run {sync.Id} changed {Format.Of(sync.Changes, "row")} after the last comparison.");
    }

    /// <summary>Tables of the pipeline that a round left out, as a reconciliation of chosen datasets does: whatever it found, it says nothing of them.</summary>
    public static IReadOnlyList<string> NotCompared(PipelineReport report, ReconciliationRound round)
    {
        var compared = round.Tables.Select(t => t.Table).ToHashSet();
        var loaded = report.TableBooks.Select(b => b.Table).ToList();
        var described = report.Contract.Tables.Where(t => !loaded.Contains(t.Name) && !loaded.Contains(t.Table) && !compared.Contains(t.Table)).Select(t => t.Name);
        return [.. loaded.Concat(described).Where(t => !compared.Contains(t))];
    }

    static string? Names(ReconciliationRound round, Func<TableReconciliation, bool> which) =>
        round.Tables.Where(which).Select(t => t.Table).ToList() is { Count: > 0 } names ? string.Join(", ", names) : null;
}
