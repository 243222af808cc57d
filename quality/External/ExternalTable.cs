using Quality.Reconciliation;

namespace Quality.External;

/// <summary>How a table that somebody else fills compares with its source.</summary>
/// <param name="NotCompared">Its columns that the mapping does not name.</param>
internal sealed record ExternalTable(TableResult Result, IReadOnlyList<string> NotCompared);
