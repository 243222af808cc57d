namespace Quality.Scheduling;

/// <summary>A time at which a pipeline's chain was due and that no chain has answered yet.</summary>
/// <param name="Deaths">Chains that tried to answer it, and died over it.</param>
internal sealed record DueChain(DateTimeOffset At, long Deaths)
{
    /// <summary>What kills its process again and again is not tried for ever.</summary>
    public const int MostDeaths = 3;
}
