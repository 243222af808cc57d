namespace Quality.Reconciliation;

/// <summary>
/// Tells writes on their way from differences: what differs is looked at again, in generations with a growing pause between them. What vanishes was on its way;
/// what stays as it is on both sides is real; what still moves when the time is over is neither.
/// </summary>
internal sealed class Settlement(TimeSpan limit, TimeProvider time)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <param name="look">Looks at both sides of these rows.</param>
    public async Task RunAsync(IReadOnlyList<Suspect> suspects, Func<IReadOnlyList<Suspect>, Task<Look>> look, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        // So short that a row which does not move is proven within the limit: two pauses, the second twice the first.
        var pause = FirstPause * (Suspect.Looks + 1) <= limit ? FirstPause : limit / (Suspect.Looks + 1);
        var open = suspects.Where(s => s.IsOpen).ToList();
        for (int generation = 1; open.Count > 0; generation++, pause *= 2)
        {
            var left = limit - time.GetElapsedTime(began);
            if (generation > Suspect.Looks && left <= TimeSpan.Zero) // as many looks as a proof needs, however long each takes
                return;
            await Task.Delay(generation > Suspect.Looks && left < pause ? left : pause, time, cancellation);
            var seen = await look(open);
            foreach (var suspect in open)
                suspect.See(seen);
            open.RemoveAll(s => !s.IsOpen);
        }
    }
}
