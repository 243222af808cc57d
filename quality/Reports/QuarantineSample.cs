namespace Quality.Reports;

/// <param name="Key">As Extended JSON, or the position where there is no key.</param>
public sealed record QuarantineSample(
    long Id, string Dataset, string Key, string Rule, string Path, string Reason, bool HeldBack, DateTimeOffset FirstSeen);
