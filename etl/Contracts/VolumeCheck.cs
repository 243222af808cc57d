namespace Etl.Contracts;

/// <summary>What it means that a table has far more or fewer rows than after earlier runs.</summary>
public enum VolumeCheck
{
    /// <summary>Worth a line.</summary>
    Warn,

    /// <summary>A mismatch; not enough history is unknown.</summary>
    Error,

    /// <summary>Nobody asks.</summary>
    Off,
}
