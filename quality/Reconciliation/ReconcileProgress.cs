namespace Quality.Reconciliation;

/// <summary>How far a reconciliation or a repair is.</summary>
/// <param name="Stage">A dataset that is read, a table that is read, or what is read once more.</param>
/// <param name="Unit">Of what is counted: documents, rows.</param>
/// <param name="Expected">About how many there are; null where nobody knows.</param>
public sealed record ReconcileProgress(string Stage, string Unit, long Count, long? Expected);
