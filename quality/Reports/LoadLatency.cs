namespace Quality.Reports;

/// <summary>Milliseconds, from when an operation was meant to begin.</summary>
public sealed record LoadLatency(double Min, double Mean, double Max, double Deviation, double P50, double P75, double P95, double P99, double P999);
