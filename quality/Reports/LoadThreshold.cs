namespace Quality.Reports;

/// <param name="Measured">For people, with its unit.</param>
public sealed record LoadThreshold(string Threshold, string Step, string Measured, bool Holds);
