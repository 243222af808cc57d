using Quality.Ui;

namespace Quality.Reports;

/// <summary>One pipeline, as its journal tells it.</summary>
/// <param name="Sync">The latest sync.</param>
/// <param name="Comparison">The latest run that compared, whether or not it came to compare anything.</param>
/// <param name="Books">Of <paramref name="Sync"/>, in documents.</param>
/// <param name="TableBooks">Of <paramref name="Sync"/>, in rows.</param>
/// <param name="Rounds">Reconciliations kept here, oldest first; the last one gives the verdict.</param>
/// <param name="History">The latest runs, oldest first.</param>
/// <param name="NotChecked">What this report does not vouch for, a sentence each.</param>
public sealed record PipelineReport(
    string Pipeline,
    Verdict Verdict,
    string Reason,
    RunFacts? Sync,
    RunFacts? Comparison,
    IReadOnlyList<DatasetBooks> Books,
    IReadOnlyList<TableBooks> TableBooks,
    IReadOnlyList<ReconciliationRound> Rounds,
    QuarantineFacts Quarantine,
    IReadOnlyList<ExperimentFacts> Experiments,
    IReadOnlyList<CheckFacts> Checks,
    RunThroughput Throughput,
    IReadOnlyList<RunFacts> History,
    IReadOnlyList<string> NotChecked)
{
    /// <summary>The books of a few syncs before the latest, newest first.</summary>
    public IReadOnlyList<SyncBooks> Earlier { get; init; } = [];

    /// <summary>Commands find it by its name.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool Shipped { get; init; } = true;

    /// <summary>Tables that the page lists.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int TablesListed { get; init; } = ReportLimits.Tables;

    /// <summary>Runs in the journal; <see cref="History"/> may be fewer.</summary>
    public long Runs { get; init; }

    /// <summary>The contract that the latest sync used.</summary>
    public ContractFacts Contract { get; init; } = ContractFacts.None;

    /// <summary>What is made of the loaded tables, in the order of making.</summary>
    public IReadOnlyList<MartFacts> Marts { get; init; } = [];

    /// <summary>Where <see cref="Marts"/> are fewer: how many there are.</summary>
    public int? MartsInAll { get; init; }

    /// <summary>Each rule, and what broke it in the latest sync.</summary>
    public IReadOnlyList<RuleFacts> Rules { get; init; } = [];

    /// <summary>Where <see cref="Rules"/> are fewer: how many there are.</summary>
    public int? RulesInAll { get; init; }

    /// <summary>Of the latest sync.</summary>
    public DriftFacts Drift { get; init; } = DriftFacts.None;

    /// <summary>Of each load scenario the latest run.</summary>
    public IReadOnlyList<LoadFacts> Loads { get; init; } = [];

    /// <summary>A pipeline of which nothing is known yet.</summary>
    public static PipelineReport Blank(string pipeline) =>
        new(pipeline, Verdict.Unknown, "", null, null, [], [], [], QuarantineFacts.None, [], [], RunThroughput.None, [], []);

    /// <summary>The same, with its verdict and what was not checked drawn from the rest.</summary>
    public PipelineReport Judged()
    {
        var (verdict, reason) = Judgement.Of(this);
        return this with { Verdict = verdict, Reason = reason, NotChecked = Gaps.Of(this) };
    }
}
