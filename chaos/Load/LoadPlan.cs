namespace Chaos.Load;

/// <summary>When what is to begin: phases, one after the other, laid out on a clock that starts at zero. The same phases, the same moments.</summary>
/// <remarks>A warm-up is the first phase once more, in front and for another time; nothing of it is measured.</remarks>
public sealed class LoadPlan
{
    readonly List<Stretch> stretches = [];

    /// <param name="From">Operations a second, or copies, at its begin; <paramref name="To"/>: at its end.</param>
    readonly record struct Stretch(LoadPhase Phase, TimeSpan Begin, double From, double To)
    {
        public TimeSpan End => Begin + Phase.During;
        public bool IsOpen => Phase is LoadPhase.Inject or LoadPhase.RampingInject;
        public bool IsClosed => Phase is LoadPhase.KeepConstant or LoadPhase.RampingConstant;
    }

    public LoadPlan(IReadOnlyList<LoadPhase> phases, TimeSpan warmUp = default)
    {
        if (warmUp > TimeSpan.Zero && phases.Count > 0)
            Append(phases[0] with { During = warmUp }, alone: true);
        MeasuredFrom = End;
        foreach (var (i, phase) in phases.Index())
            Append(phase, alone: i == 0);
    }

    void Append(LoadPhase phase, bool alone)
    {
        phase.Checked();
        var before = alone || stretches.Count == 0 ? default : stretches[^1];
        double rate = before.IsOpen ? before.To : 0, copies = before.IsClosed ? before.To : 0;
        var (from, to) = phase switch
        {
            LoadPhase.Inject p => Same(p.Rate / p.Interval.TotalSeconds),
            LoadPhase.RampingInject p => (rate, p.Rate / p.Interval.TotalSeconds),
            LoadPhase.KeepConstant p => Same(p.Copies),
            LoadPhase.RampingConstant p => (copies, p.Copies),
            _ => (0, 0),
        };
        stretches.Add(new Stretch(phase, End, from, to));

        static (double, double) Same(double value) => (value, value);
    }

    /// <summary>Before it, nothing counts.</summary>
    public TimeSpan MeasuredFrom { get; }

    public TimeSpan End => stretches.Count == 0 ? TimeSpan.Zero : stretches[^1].End;

    /// <summary>The moments at which open phases begin an operation, in order.</summary>
    public IEnumerable<TimeSpan> Starts() => stretches.Where(s => s.IsOpen).SelectMany(Starts);

    static IEnumerable<TimeSpan> Starts(Stretch stretch)
    {
        double seconds = stretch.Phase.During.TotalSeconds, bend = (stretch.To - stretch.From) / (2 * seconds);
        // How many have begun after t: from·t + bend·t². The k-th begins when that reaches k; solved without taking near numbers from each other.
        long count = (long)Math.Round(seconds * (stretch.From + stretch.To) / 2);
        for (long k = 0; k < count; k++)
        {
            double t = k == 0 ? 0 : 2 * k / (stretch.From + Math.Sqrt(Math.Max(0, stretch.From * stretch.From + 4 * bend * k)));
            yield return stretch.Begin + TimeSpan.FromSeconds(Math.Min(t, seconds));
        }
    }

    /// <summary>The most copies that closed phases ever keep going.</summary>
    public int MostCopies => (int)stretches.Where(s => s.IsClosed).Select(s => Math.Max(s.From, s.To)).DefaultIfEmpty(0).Max();

    /// <summary>How many copies are going at a moment.</summary>
    public int CopiesAt(TimeSpan at)
    {
        foreach (var stretch in stretches)
            if (at >= stretch.Begin && at < stretch.End)
                return stretch.IsClosed ? (int)Math.Round(stretch.From + (stretch.To - stretch.From) * ((at - stretch.Begin) / stretch.Phase.During)) : 0;
        return 0;
    }
}
