using Chaos.Load;
using Quality.Ui;

namespace Quality.Commands.Load;

/// <summary>Looks at this process's memory every second.</summary>
internal sealed class MemoryWatch : IDisposable
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>A heap that grows a little and is collected is flat; one that grows with what was moved is not.</summary>
    const double MostGrowth = 1.25;
    const long Slack = 32 << 20;

    readonly Lock gate = new();
    readonly List<long> samples = [];
    readonly Func<long> read;
    readonly ITimer timer;

    /// <param name="read">Bytes; null: the working set of this process.</param>
    public MemoryWatch(TimeProvider time, Func<long>? read = null)
    {
        this.read = read ?? (() => Environment.WorkingSet);
        Look();
        timer = time.CreateTimer(_ => Look(), null, Every, Every);
    }

    internal void Look()
    {
        lock (gate)
            samples.Add(read());
    }

    public long Peak
    {
        get
        {
            lock (gate)
                return samples.Max();
        }
    }

    /// <summary>Whether the peak of the last third is about that of the second; the first is for the heap to find its size.</summary>
    public ThresholdResult JudgeFlat(string scenario)
    {
        lock (gate)
        {
            int third = samples.Count / 3;
            if (third == 0)
                return new ThresholdResult("memory is flat", scenario, "fewer than three samples were taken", false);
            long before = samples.Skip(third).Take(third).Max(), after = samples.Skip(2 * third).Max();
            return new ThresholdResult($"memory: peak of the last third < {Format.Number(MostGrowth)} × that of the second + {Slack >> 20} MiB", scenario,
                $"{before >> 20} MiB, then {after >> 20} MiB", after < before * MostGrowth + Slack);
        }
    }

    public void Dispose() => timer.Dispose();
}
