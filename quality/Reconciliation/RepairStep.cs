using Etl.Contracts;

namespace Quality.Reconciliation;

/// <summary>What a repair does, or would do, to one table.</summary>
/// <param name="Action"><c>rewrite</c>: from the source; <c>remove</c>: the source does not know them; <c>derive</c>: anew from their events.</param>
/// <param name="Rows">Differing rows that it is done for.</param>
/// <param name="Documents">Documents read anew for them.</param>
/// <param name="Sample">Some of the rows' keys, masked where personal.</param>
public sealed record RepairStep(Table Table, string Action, long Rows, long Documents, IReadOnlyList<string> Sample);
