using Quality.Ui;

namespace Quality.Reports;

/// <summary>Everything the page shows, and just that; <c>report.json</c> is this record.</summary>
/// <param name="Product">Name and version of what made it.</param>
/// <param name="Verdict">The worst of the pipelines; Unknown when there is none.</param>
public sealed record QualityReport(
    DateTimeOffset GeneratedAt,
    string Product,
    Verdict Verdict,
    string Reason,
    IReadOnlyList<PipelineReport> Pipelines)
{
    /// <summary>Pipelines that the page tells of in full.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int InFull { get; init; } = ReportLimits.Pipelines;

    public static QualityReport Of(DateTimeOffset generatedAt, string product, IReadOnlyList<PipelineReport> pipelines)
    {
        var verdict = pipelines.Select(p => p.Verdict).Worst();
        return new(generatedAt, product, verdict, Judgement.Over(pipelines), pipelines);
    }
}
