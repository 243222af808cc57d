namespace Quality.Commands.Progress;

/// <summary>Shows on standard error how a command goes: bars on a terminal, a line every few seconds elsewhere. Standard output is left to the result.</summary>
internal static class ProgressDisplay
{
    public static Task<T> RunAsync<T>(TimeProvider time, Func<ProgressView, Task<T>> work) =>
        Terminal.CanDraw ? ProgressBars.RunAsync(Terminal.Messages, time, work) : work(new ProgressLines(time, Terminal.Say));
}
