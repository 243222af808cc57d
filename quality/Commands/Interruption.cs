using System.Runtime.InteropServices;

namespace Quality.Commands;

/// <summary>
/// Ctrl-C and SIGTERM. The first asks the command to stop: the batch in hand is rolled back, embedded servers are stopped, and the exit code is 130.
/// The second, or the end of patience, leaves at once; then the warehouse rolls back by itself, and the next run finds what was committed.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>Embedded servers have to be stopped, and that may take a while.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>timeout(1) and many wrappers send a signal to the process and to its group: twice, and meant once.</summary>
    static readonly TimeSpan SameSignal = TimeSpan.FromMilliseconds(300);

    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;
    readonly TimeProvider time;
    readonly Lock gate = new();
    ITimer? patience;
    long? asked;

    public Interruption(TimeProvider time)
    {
        this.time = time;
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, On), PosixSignalRegistration.Create(PosixSignal.SIGTERM, On)];
    }

    public CancellationToken Token => source.Token;

    /// <summary>Standard output is to hold one JSON document, whatever happens.</summary>
    public bool Json { get; set; }

    void On(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (gate)
        {
            if (asked is { } first)
            {
                if (time.GetElapsedTime(first) > SameSignal)
                    Leave("Stopped at once. What was committed stays; what was not is rolled back by the warehouse.");
                return;
            }
            asked = time.GetTimestamp();
            patience = time.CreateTimer(_ => Leave($"It did not stop within {Patience.TotalSeconds} seconds and is left at once. What was committed stays."), null, Patience, Timeout.InfiniteTimeSpan);
        }
        Terminal.Say("Stopping: what is in hand is rolled back. Once more stops at once.");
        // Those who listen may take their time; the next signal must not wait for them.
        _ = source.CancelAsync();
    }

    void Leave(string why)
    {
        Terminal.ShowCursor();
        if (Json)
            JsonOutput.Write(InterruptedException.DocumentOf(why));
        Console.Error.WriteLine(why);
        Environment.Exit(ExitCodes.Interrupted);
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        patience?.Dispose();
        source.Dispose();
    }
}
