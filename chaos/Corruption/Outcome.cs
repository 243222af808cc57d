namespace Chaos.Corruption;

/// <summary>What must come of a corrupted document.</summary>
public enum Outcome
{
    /// <summary>Refused whole, and kept under the rule that the kind names.</summary>
    Quarantined,

    /// <summary>Loaded, and named by a check of the warehouse.</summary>
    Reported,

    /// <summary>Loaded, every byte of it: looks dangerous and is not.</summary>
    Loaded,
}
