namespace Quality.Reports;

/// <param name="Sample">Why one of them was refused; personal values are masked.</param>
public sealed record QuarantineRule(string Dataset, string Rule, string Path, long Documents, long HeldBack, string Sample);
