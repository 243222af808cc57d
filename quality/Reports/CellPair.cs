namespace Quality.Reports;

/// <summary>One column of a row, on both sides. Null is SQL's NULL, or a side that has no such row.</summary>
public sealed record CellPair(string Column, string? Type, string? Source, string? Warehouse, bool Equal);
