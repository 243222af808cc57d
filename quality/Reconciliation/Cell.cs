namespace Quality.Reconciliation;

/// <summary>One column of a differing row, on both sides.</summary>
/// <param name="Type">The column's type, as PostgreSQL names it.</param>
/// <param name="Source">As PostgreSQL would print it; null: NULL or no row; <c>***</c> when personal.</param>
/// <param name="Warehouse">Likewise.</param>
/// <param name="Equal">Whether both sides hold the same value (masked values are compared before they are masked).</param>
public sealed record Cell(string Column, string Type, string? Source, string? Warehouse, bool Equal);
