using Etl.Contracts;

namespace Quality.Reconciliation;

/// <summary>One row that differs.</summary>
/// <param name="Key">For people: <c>user_id=5f…</c>; masked where personal.</param>
/// <param name="KeyJson">The key's columns as a JSON object, unmasked: what a repair removes by.</param>
/// <param name="Position">The source document that gives the row; null for rows that only the warehouse has.</param>
public sealed record Difference(Table Table, DifferenceKind Kind, string Key, string KeyJson, byte[]? Position, IReadOnlyList<Cell> Cells)
{
    /// <summary>Null: both sides were compared at one moment, and nothing can be on its way between them.</summary>
    internal RowTrace? Trace { get; init; }

    internal RowId Id => new(Table, Trace!.Key);

    /// <summary>A document that the contract refuses and no quarantine holds: its rows are missing, or of an older version.</summary>
    internal bool IsUnseen { get; init; }
}
