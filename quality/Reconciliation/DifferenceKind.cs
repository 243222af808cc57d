namespace Quality.Reconciliation;

public enum DifferenceKind
{
    /// <summary>In the source only.</summary>
    Missing,

    /// <summary>In the warehouse only.</summary>
    Unexpected,

    /// <summary>In both, unequal.</summary>
    Changed,
}
