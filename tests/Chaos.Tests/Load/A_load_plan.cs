using Chaos.Load;
using Etl;
using FsCheck;
using FsCheck.Fluent;

namespace Chaos.Tests.Load;

public sealed class A_load_plan
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    static double[] Starts(params LoadPhase[] phases) => [.. new LoadPlan(phases).Starts().Select(s => Math.Round(s.TotalSeconds, 6))];

    [Fact]
    public void Injects_evenly() => Assert.Equal([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75], Starts(new LoadPhase.Inject(4, Second, S(2))));

    [Fact]
    public void Injects_by_longer_intervals_too() => Assert.Equal([0, 5, 10, 15], Starts(new LoadPhase.Inject(2, S(10), S(20))));

    /// <summary>From none to 10 a second within 10 seconds: 50 in all, the k-th after √(2k) seconds.</summary>
    [Fact]
    public void Ramps_up_from_nothing()
    {
        double[] starts = Starts(new LoadPhase.RampingInject(10, Second, S(10)));
        Assert.Equal(50, starts.Length);
        Assert.All(starts.Index(), s => Assert.Equal(Math.Sqrt(2 * s.Index), s.Item, 1e-5));
    }

    [Fact]
    public void Ramps_down_from_where_the_phase_before_ended()
    {
        double[] starts = Starts(new LoadPhase.Inject(10, Second, S(1)), new LoadPhase.RampingInject(0, Second, S(2)));
        Assert.Equal(10 + 10, starts.Length);
        // 10·t − 2.5·t² have begun after t.
        Assert.All(starts.Skip(10).Index(), s => Assert.Equal(s.Index, 10 * (s.Item - 1) - 2.5 * (s.Item - 1) * (s.Item - 1), 1e-3));
    }

    [Fact]
    public void Begins_nothing_in_a_pause_and_ramps_from_nothing_after_it()
    {
        double[] starts = Starts(new LoadPhase.Inject(1, Second, S(1)), new LoadPhase.Pause(S(3)), new LoadPhase.RampingInject(2, Second, S(2)));
        Assert.Equal([0, 4, Math.Round(4 + Math.Sqrt(2), 6)], starts);
    }

    [Fact]
    public void Goes_up_whatever_the_phases_are() => Prop.ForAll(
        Gen.ListOf(Gen.Zip(Gen.Zip(Gen.Choose(0, 200), Gen.Choose(1, 30)), Gen.Choose(0, 2))).Where(p => p.Count > 0).ToArbitrary(), parts =>
        {
            LoadPhase[] phases = [.. parts.Select(p => (LoadPhase)(p.Item2 switch
            {
                0 => new LoadPhase.Inject(p.Item1.Item1, Second, S(p.Item1.Item2 / 10.0)),
                1 => new LoadPhase.RampingInject(p.Item1.Item1, Second, S(p.Item1.Item2 / 10.0)),
                _ => new LoadPhase.Pause(S(p.Item1.Item2 / 10.0)),
            }))];
            var plan = new LoadPlan(phases);
            var starts = plan.Starts().ToArray();
            Assert.Equal(starts.Order(), starts);
            Assert.All(starts, s => Assert.InRange(s, TimeSpan.Zero, plan.End));
            Assert.Equal(starts, new LoadPlan(phases).Starts());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Keeps_and_ramps_copies()
    {
        var plan = new LoadPlan([new LoadPhase.KeepConstant(2, S(10)), new LoadPhase.RampingConstant(6, S(4)), new LoadPhase.Pause(S(1)), new LoadPhase.RampingConstant(4, S(4))]);
        Assert.Equal([2, 2, 4, 6, 0, 2, 0], new double[] { 0, 9.9, 12, 13.9, 14.5, 17, 19 }.Select(s => plan.CopiesAt(S(s))));
        Assert.Equal(6, plan.MostCopies);
        Assert.Empty(plan.Starts());
    }

    [Fact]
    public void Warms_up_with_its_first_phase_and_begins_anew()
    {
        var plan = new LoadPlan([new LoadPhase.RampingInject(2, Second, S(2))], S(1));
        Assert.Equal((S(1), S(3)), (plan.MeasuredFrom, plan.End));
        Assert.Equal([0, 1, 1 + Math.Sqrt(2)], plan.Starts().Select(s => s.TotalSeconds), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Refuses_what_cannot_be_done()
    {
        Assert.Throws<UsageException>(() => new LoadPlan([new LoadPhase.Inject(1, Second, TimeSpan.Zero)]));
        Assert.Throws<UsageException>(() => new LoadPlan([new LoadPhase.Inject(1, TimeSpan.Zero, Second)]));
        Assert.Throws<UsageException>(() => new LoadPlan([new LoadPhase.KeepConstant(-1, Second)]));
    }
}
