using Quality.Reconciliation;

namespace Quality.Sandbox;

/// <param name="Final">The last reconciliation.</param>
/// <param name="Deviations">What was not as it should be, a sentence each; empty: exactly what was broken was found and mended.</param>
public sealed record DemonstrationOutcome(ReconcileResult Final, IReadOnlyList<string> Deviations);
