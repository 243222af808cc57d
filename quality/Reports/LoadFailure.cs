namespace Quality.Reports;

public sealed record LoadFailure(string Reason, long Count);
