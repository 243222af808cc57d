using Etl.Loading;

namespace Quality.Commands;

/// <summary>Says how far a sync is: one line that is rewritten on a terminal, a line now and then elsewhere.</summary>
internal sealed class SyncProgressLine(TimeProvider time) : IProgress<SyncProgress>
{
    static readonly TimeSpan Often = TimeSpan.FromMilliseconds(200), Seldom = TimeSpan.FromSeconds(5);

    readonly bool rewrites = !Console.IsErrorRedirected;
    long last = time.GetTimestamp();
    bool open;

    public void Report(SyncProgress value)
    {
        if (time.GetElapsedTime(last) < (rewrites ? Often : Seldom))
            return;
        last = time.GetTimestamp();
        Console.Error.Write($"{(rewrites ? "\r" : "")}{value.Dataset}: {Terminal.Count(value.Documents)} documents{(rewrites ? "   " : "\n")}");
        open = rewrites;
    }

    /// <summary>Leaves the line, if one is open.</summary>
    public void End()
    {
        if (open)
            Console.Error.WriteLine();
        open = false;
    }
}
