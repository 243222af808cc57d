namespace Etl.Sources;

/// <summary>Waits for one of several things; the waiting for the others is given up.</summary>
internal static class FirstOf
{
    /// <param name="waits">Begin to wait, each until it is told to give up.</param>
    /// <exception cref="Exception">What the first one ended with.</exception>
    public static async Task WaitAsync(IEnumerable<Func<CancellationToken, Task>> waits, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var begun = waits.Select(w => w(enough.Token)).ToList();
        var first = await Task.WhenAny(begun);
        await enough.CancelAsync();
        foreach (var wait in begun)
            await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }
}
