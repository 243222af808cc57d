namespace Chaos.Load;

/// <summary>A load of steps, chosen by weight, through phases. Several can go at once: writers, and beside them syncs.</summary>
public sealed record Workload(string Name, IReadOnlyList<LoadPhase> Phases, IReadOnlyList<LoadStep> Steps)
{
    /// <summary>The first phase once more, before anything is measured.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>Operations of open phases that go on at once. What has to wait for its turn is late, and its waiting counts.</summary>
    /// <value>Default: 32.</value>
    public int MostAtOnce { get; init; } = 32;
}
