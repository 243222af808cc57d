using Etl.Loading;

namespace Quality.Commands;

/// <summary>Shows on standard error how a sync goes: bars on a terminal, a line every few seconds elsewhere. Standard output is left to the result.</summary>
internal static class SyncDisplay
{
    public static Task<T> RunAsync<T>(TimeProvider time, Func<IProgress<SyncProgress>, Task<T>> work) =>
        Terminal.CanDraw ? SyncBars.RunAsync(Terminal.Messages, time, work) : work(new SyncLines(time, Terminal.Say));
}
