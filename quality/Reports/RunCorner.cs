using Quality.Ui;

namespace Quality.Reports;

/// <summary>The facts in the corner of the verdict: which run, when, from what.</summary>
static class RunCorner
{
    public static IReadOnlyList<Fact> Of(PipelineReport report)
    {
        if ((report.Comparison ?? report.Sync) is not { } run) return [];
        // A comparison started by hand may lack what the sync before it knew.
        var (seed, source, contract) = (run.Seed ?? report.Sync?.Seed, run.Source ?? report.Sync?.Source, run.Contract ?? report.Sync?.Contract);
        return
        [
            new("Run", $"{run.Id} · {run.Command}"),
            new("Started", Format.Instant(run.Started)),
            new("Duration", run.Duration is { } time ? Format.Duration(time) : "has not ended"),
            new("Seed", seed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"),
            new("Contract", contract is null ? "not recorded" : "version " + contract),
            new("Source", source ?? "not recorded"),
        ];
    }
}
