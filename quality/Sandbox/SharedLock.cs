using Etl;

namespace Quality.Sandbox;

/// <summary>
/// A lock on a file between processes. The kernel lets go of it when its holder dies, however it dies, so
/// nothing is ever left locked by a killed process and no process id has to be guessed about.
/// </summary>
static class SharedLock
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until nobody else holds it.</summary>
    internal static async Task<IDisposable> TakeAsync(string path, TimeProvider time, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (TryTake(path) is { } taken)
                return taken;
            if (time.GetElapsedTime(began) > Patience)
                throw new UnavailableException(
                    $"Another process has been starting or stopping the server of '{Path.GetDirectoryName(path)}' for {Patience.TotalMinutes} minutes: look for it, end it, and try again.");
            await Task.Delay(Pause, time, ct);
        }
    }

    /// <summary>Null while anyone holds it, shared or not.</summary>
    internal static IDisposable? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.None);
        }
        // A lock held elsewhere is a plain IOException; its subclasses (no folder, no path) are real failures.
        catch (IOException held) when (held.GetType() == typeof(IOException) && File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Held together with any number of others; <see cref="TryTake"/> fails for as long.</summary>
    internal static IDisposable Share(string path) => new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
}
