using Etl.Loading;
using Quality.Reports;
using Quality.Ui;

namespace Quality.Tests.Reports;

public sealed class The_verdict
{
    static readonly PipelineReport clean = SampleReport.Pipeline(), damaged = SampleReport.Pipeline(reconciled: false);

    [Fact]
    public void Says_what_matched_when_all_did() =>
        Assert.Equal("1,442,572 rows in 6 tables equal their source, value by value; 214 documents are in quarantine.", Reason(clean, Verdict.Reconciled));

    [Fact]
    public void Says_what_differs_and_where() =>
        Assert.Equal("3 rows are missing, 7 unexpected and 5 changed in 3 of 6 tables: users, invoices, messages.", Reason(damaged, Verdict.Mismatched));

    [Fact]
    public void Is_unknown_without_a_run() =>
        Assert.Equal("Nothing was compared: no run of this pipeline is in the journal.", Reason(PipelineReport.Blank("crm"), Verdict.Unknown));

    [Fact]
    public void Is_unknown_without_a_reconciliation() =>
        Assert.Equal("Nothing was compared: no reconciliation has been run.", Reason(clean with { Rounds = [], Comparison = null }, Verdict.Unknown));

    [Fact]
    public void Is_unknown_when_the_latest_reconciliation_came_to_nothing() =>
        Assert.Equal("MongoDB at db:27017 does not answer.", Reason(clean with { Comparison = SampleReport.Run(99, "reconcile", 9, Verdict.Unknown) with { Reason = "MongoDB at db:27017 does not answer." } }, Verdict.Unknown));

    [Fact]
    public void Is_unknown_when_rows_changed_since() =>
        Assert.Equal("Nothing was compared since run 50 changed 12 rows.", Reason(clean with { Sync = clean.Sync! with { Id = 50, Changes = 12 } }, Verdict.Unknown));

    [Fact]
    public void Stands_when_a_later_sync_changed_nothing() =>
        Reason(clean with { Sync = clean.Sync! with { Id = 50 } }, Verdict.Reconciled);

    [Fact]
    public void Is_unknown_when_what_was_mended_was_not_compared_again() =>
        Reason(damaged with { Rounds = [.. damaged.Rounds.Select(r => r with { Tables = [.. r.Tables.Select(t => t with { Repaired = t.Differences })] })] }, Verdict.Unknown);

    [Fact]
    public void Is_unknown_when_a_check_that_counts_could_not_be_answered()
    {
        var check = new CheckFacts("users", "age", "sql", 0, []) { Name = "plausible ages", Holds = null };
        Assert.Equal("Check 'plausible ages' on users.age could not be answered.", Reason(clean with { Checks = [check] }, Verdict.Unknown));
        Reason(clean with { Checks = [check with { Warns = true }] }, Verdict.Reconciled);
    }

    /// <summary>A comparison of chosen datasets once made the whole pipeline reconciled, while the others were known to differ.</summary>
    [Fact]
    public void Is_unknown_when_the_latest_comparison_left_tables_out()
    {
        var round = clean.Rounds[^1];
        var partial = clean with { Rounds = [.. clean.Rounds.SkipLast(1), round with { Tables = [.. round.Tables.Where(t => t.Dataset == "users")] }] };
        Assert.Equal($"Run {round.Run}, the latest to compare, left out groups, messages.", Reason(partial with { Contract = ContractFacts.None }, Verdict.Unknown));
        Assert.Contains("Not compared: groups, messages.", (partial with { Contract = ContractFacts.None }).Judged().NotChecked);
        Reason(partial with { TableBooks = [] }, Verdict.Unknown); // the contract knows them
        Assert.StartsWith("3 rows are missing", Reason(damaged with { TableBooks = [.. damaged.TableBooks, damaged.TableBooks[0] with { Table = "other" }] }, Verdict.Mismatched));
    }

    [Fact]
    public void Is_mismatched_when_too_many_documents_were_refused() =>
        Assert.Equal("Too many.", Reason(clean with { Sync = clean.Sync! with { Verdict = Verdict.Mismatched, Reason = "Too many." } }, Verdict.Mismatched));

    [Fact]
    public void Is_never_better_than_unknown_by_counts_alone()
    {
        var round = clean.Rounds[^1];
        var counted = clean with
        {
            Comparison = clean.Comparison! with { Verdict = Verdict.Unknown },
            Rounds = [round with { Verdict = Verdict.Unknown, Tables = [.. round.Tables.Select(t => t with { Level = "counts", Verdict = Verdict.Unknown })] }],
        };
        Assert.Equal("6 of 6 tables were compared by count alone, which cannot prove that contents are equal.", Reason(counted, Verdict.Unknown));
        Assert.Contains(counted.Judged().NotChecked, gap => gap.StartsWith("Compared by count alone", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_all_is_the_worst()
    {
        var report = QualityReport.Of(SampleReport.Start, "Quality", [clean, damaged with { Pipeline = "cards" }, PipelineReport.Blank("crm").Judged()]);
        Assert.Equal(Verdict.Mismatched, report.Verdict);
        Assert.Equal("1 of 3 pipelines is mismatched: cards.", report.Reason);
        Assert.Equal(Verdict.Unknown, QualityReport.Of(SampleReport.Start, "Quality", []).Verdict);
    }

    static string Reason(PipelineReport report, Verdict expected)
    {
        var judged = report.Judged();
        Assert.Equal(expected, judged.Verdict);
        return judged.Reason;
    }
}
