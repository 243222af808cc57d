using System.Globalization;

namespace Chaos.MongoEmulator.Storage;

/// <summary>
/// The cluster time: seconds of the injected clock in the upper 32 bits, an ordinal in the lower, raised by every write.
/// Seconds are reserved ahead in a file, so that it never goes back, not even after a kill -9 and a clock set back.
/// </summary>
sealed class ClusterClock
{
    const uint ReservedSeconds = 10;

    readonly Lock gate = new();
    readonly TimeProvider time;
    readonly string? file;
    ulong now;
    uint reserved;

    public ClusterClock(TimeProvider time, string? folder)
    {
        this.time = time;
        file = folder == null ? null : Path.Combine(folder, "clock");
        uint kept = file != null && File.Exists(file) && uint.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out uint s) ? s : 0;
        now = (ulong)Math.Max(kept, WallSeconds) << 32;
        Tick();
    }

    uint WallSeconds => (uint)Math.Max(1, time.GetUtcNow().ToUnixTimeSeconds());

    public ulong Now
    {
        get
        {
            lock (gate)
                return now;
        }
    }

    public ulong Tick()
    {
        lock (gate)
        {
            ulong wall = (ulong)WallSeconds << 32;
            now = Math.Max(now, wall) + 1;
            if (now >> 32 >= reserved)
                Reserve();
            return now;
        }
    }

    /// <summary>What a log tells of the past is past.</summary>
    public void AtLeast(ulong seen)
    {
        lock (gate)
            now = Math.Max(now, seen);
    }

    void Reserve()
    {
        reserved = (uint)(now >> 32) + ReservedSeconds;
        if (file == null)
            return;
        File.WriteAllText(file + ".tmp", reserved.ToString(CultureInfo.InvariantCulture));
        File.Move(file + ".tmp", file, overwrite: true);
    }
}
