using System.Collections.Concurrent;
using Chaos.Load;
using Chaos.Tests.Generation;

namespace Chaos.Tests.Load;

public sealed class A_load
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A clock that goes only when somebody waits, or is told to.</summary>
    sealed class HandTime : TimeProvider
    {
        readonly SteppingTime steps = new();
        long ahead;

        public void Forward(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => steps.GetTimestamp() + Interlocked.Read(ref ahead);
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => steps.CreateTimer(callback, state, dueTime, period);
    }

    static Task Nothing(StepContext step, CancellationToken stop) => Task.CompletedTask;

    static async Task<StepResult> RunAsync(TimeProvider time, Workload workload) => Assert.Single(await new LoadInjector(time).RunAsync([workload], 1, TestContext.Current.CancellationToken));

    /// <summary>Measured from when each began, one operation of 20 would be slow; but ten visitors waited.</summary>
    [Fact]
    public async Task Counts_those_who_had_to_wait_while_the_system_stood_still()
    {
        var time = new HandTime();
        int calls = 0;
        var result = await RunAsync(time, new Workload("visitors", [new LoadPhase.Inject(10, Second, 2 * Second)], [new LoadStep("visit", 1, (_, _) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                time.Forward(Second);
            return Task.CompletedTask;
        })])
        { MostAtOnce = 1 });
        Assert.Equal((20, 0), (result.Operations, result.Failed));
        Assert.InRange(result.Latency!.Max, 1_000, 1_200);
        Assert.InRange(result.Latency.P75, 400, 800);
        Assert.InRange(result.Latency.P50, 0, 250);
    }

    [Fact]
    public async Task Chooses_the_same_steps_for_the_same_seed_and_by_their_weights()
    {
        async Task<string> Chosen(int seed)
        {
            var names = new ConcurrentQueue<string>();
            LoadStep Step(string name, int weight) => new(name, weight, (step, _) =>
            {
                names.Enqueue($"{name}{step.Random.Next(1_000)}");
                return Task.CompletedTask;
            });
            var results = await new LoadInjector(new HandTime()).RunAsync([new Workload("w", [new LoadPhase.Inject(1_000, Second, 4 * Second)], [Step("a", 3), Step("b", 1)]) { MostAtOnce = 1 }], seed, TestContext.Current.CancellationToken);
            Assert.Equal(4_000, results.Sum(r => r.Operations));
            Assert.InRange(results.Single(r => r.Step == "a").Operations, 2_850, 3_150);
            return string.Join(' ', names);
        }
        Assert.Equal(await Chosen(5), await Chosen(5));
        Assert.NotEqual(await Chosen(5), await Chosen(6));
    }

    /// <summary>Two that are given the same chance would write the same document: with 31 bits of seed about a hundred would be.</summary>
    [Fact]
    public void Gives_each_operation_chance_of_its_own()
    {
        var seen = new HashSet<string>();
        byte[] key = new byte[12];
        for (ulong number = 0; number < 500_000; number++)
        {
            new OperationRandom(Chaos.Generation.Chance.Mix(7, number)).NextBytes(key);
            Assert.True(seen.Add(Convert.ToHexString(key)), $"operation {number}");
        }
        var random = new OperationRandom(1);
        int[] dice = [.. Enumerable.Range(0, 60_000).Select(_ => random.Next(1, 7))];
        Assert.All(Enumerable.Range(1, 6), side => Assert.InRange(dice.Count(d => d == side), 9_500, 10_500));
        Assert.Equal(6, dice.Distinct().Count());
    }

    [Fact]
    public async Task Counts_failures_apart_with_their_reasons()
    {
        int calls = 0;
        var result = await RunAsync(new HandTime(), new Workload("w", [new LoadPhase.Inject(100, Second, Second)], [new LoadStep("s", 1, (_, _) => Interlocked.Increment(ref calls) % 4 == 0 ? throw new IOException("no\nroute") : Task.CompletedTask)]));
        Assert.Equal((75, 25, 0.25), (result.Operations, result.Failed, result.FailedShare));
        Assert.Equal([new FailureReason("no route", 25)], result.Reasons);
        Assert.Equal((75, 25), (result.Series.Sum(p => p.Operations), result.Series.Sum(p => p.Failed)));
    }

    [Fact]
    public async Task Keeps_few_of_many_reasons()
    {
        int calls = 0;
        var result = await RunAsync(new HandTime(), new Workload("w", [new LoadPhase.Inject(100, Second, Second)], [new LoadStep("s", 1, (_, _) => throw new IOException(new string('x', 5_000) + Interlocked.Increment(ref calls)))]));
        Assert.Equal([100], result.Reasons.Select(r => r.Count)); // cut before they differ
        calls = 0;
        result = await RunAsync(new HandTime(), new Workload("w", [new LoadPhase.Inject(100, Second, Second)], [new LoadStep("s", 1, (_, _) => throw new IOException($"document {Interlocked.Increment(ref calls)}"))]));
        Assert.Equal((21, new FailureReason("other reasons", 80)), (result.Reasons.Count, result.Reasons[0]));
        Assert.Null(result.Latency);
    }

    [Fact]
    public async Task Keeps_so_many_copies_going_and_no_more()
    {
        var (now, most) = (0, 0);
        using var allThere = new SemaphoreSlim(0);
        var time = new HandTime();
        var result = await RunAsync(time, new Workload("copies", [new LoadPhase.KeepConstant(3, Second)], [new LoadStep("s", 1, async (_, stop) =>
        {
            int there = Interlocked.Increment(ref now);
            most = Math.Max(most, there);
            if (there == 3)
                allThere.Release(3);
            await allThere.WaitAsync(stop);
            Interlocked.Decrement(ref now);
            time.Forward(2 * Second);
        })]));
        Assert.Equal((3, 3), (most, result.Operations));
    }

    [Fact]
    public async Task Does_not_measure_its_warm_up()
    {
        int calls = 0;
        var result = await RunAsync(new HandTime(), new Workload("w", [new LoadPhase.Inject(10, Second, 2 * Second)], [new LoadStep("s", 1, (step, _) =>
        {
            Interlocked.Increment(ref calls);
            step.Done(5);
            return Task.CompletedTask;
        })])
        { WarmUp = Second });
        Assert.Equal((30, 20, 100), (calls, result.Operations, result.Documents));
    }

    [Fact]
    public async Task Gives_up_what_is_more_than_can_be_borne()
    {
        var time = new HandTime();
        var result = await RunAsync(time, new Workload("w", [new LoadPhase.Inject(10, Second, Second)], [new LoadStep("s", 1, (_, _) =>
        {
            time.Forward(4 * Second);
            return Task.CompletedTask;
        })])
        { MostAtOnce = 1 });
        Assert.Equal(10, result.Operations + result.Failed);
        Assert.InRange(result.Operations, 2, 4);
        Assert.StartsWith("not begun within 10 s", Assert.Single(result.Reasons).Reason);
    }

    public static TheoryData<LoadPhase> Endless => [new LoadPhase.Inject(10, Second, 1_000_000 * Second), new LoadPhase.KeepConstant(8, 1_000_000 * Second)];

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task Stops_when_it_is_asked_to_and_leaves_nothing_behind(LoadPhase phase)
    {
        using var stop = new CancellationTokenSource();
        int going = 0;
        var load = new LoadInjector(new HandTime()).RunAsync([new Workload("w", [phase], [new LoadStep("s", 1, async (_, token) =>
        {
            if (Interlocked.Increment(ref going) == 5)
                await stop.CancelAsync();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                Interlocked.Decrement(ref going);
            }
        })])], 1, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, going);
    }

    [Fact]
    public async Task Draws_its_curve_within_bounds_however_long_it_takes()
    {
        var result = await RunAsync(new HandTime(), new Workload("w", [new LoadPhase.Inject(1, Second, 5_000 * Second)], [new LoadStep("s", 1, Nothing)]));
        Assert.Equal((5_000, 16), (result.Series.Sum(p => p.Operations), (int)result.SlotWidth.TotalSeconds));
        Assert.InRange(result.Series.Count, 300, 600);
        Assert.Equal([0, 16, 32], result.Series.Take(3).Select(p => p.Second));
    }
}
