namespace Quality.Reports;

/// <param name="Documents">In quarantine now, unresolved.</param>
/// <param name="HeldBack">Of those, the ones whose older good version stays in the tables.</param>
/// <param name="Oldest">When the longest-standing one was first refused.</param>
public sealed record QuarantineFacts(
    long Documents, long HeldBack, DateTimeOffset? Oldest, IReadOnlyList<QuarantineRule> Rules, IReadOnlyList<QuarantineSample> Samples)
{
    public static readonly QuarantineFacts None = new(0, 0, null, [], []);
}
