namespace Quality.Reports;

/// <param name="Type">PostgreSQL's.</param>
public sealed record MartColumnFacts(string Column, string Type, bool Key, string Description);
