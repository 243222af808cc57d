namespace Quality.Reports;

public sealed record CheckSample(string? Value, long Rows);
