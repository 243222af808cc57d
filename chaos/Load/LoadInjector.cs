using Chaos.Generation;

namespace Chaos.Load;

/// <summary>
/// Puts load on something and measures how it bears it. Corrected for coordinated omission: an operation of an open phase is measured from the
/// moment at which it was meant to begin, so that a system that stands still for a second does not hide how many had to wait for it.
/// </summary>
public sealed class LoadInjector(TimeProvider time)
{
    /// <summary>How often a copy that is not wanted looks whether it is.</summary>
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Operations that have not begun so long after the last should have are given up: their system is slower than the load, and would take for ever.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Ends when all phases are over and everything that began has ended.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was going on has ended.</exception>
    public async Task<IReadOnlyList<StepResult>> RunAsync(IReadOnlyList<Workload> workloads, int seed, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        var plans = workloads.Select(w => new LoadPlan(w.Phases, w.WarmUp)).ToArray();
        var meters = workloads.Zip(plans, (w, plan) => w.Steps.Select(s => new StepMeter(w.Name, s.Name, plan.MeasuredFrom)).ToArray()).ToArray();
        var ends = await Task.WhenAll(workloads.Select((w, i) => new Run(time, began, w, plans[i], meters[i], Chance.Mix((ulong)seed, (ulong)i)).RunAsync(cancellation)));
        cancellation.ThrowIfCancellationRequested();
        return [.. meters.SelectMany((of, i) => of.Select(m => m.Result(ends[i] - plans[i].MeasuredFrom)))];
    }

    /// <summary>One workload, from begin to end.</summary>
    sealed class Run(TimeProvider time, long began, Workload workload, LoadPlan plan, StepMeter[] meters, ulong seed)
    {
        readonly (int Weight, int Step)[] weights = [.. workload.Steps.Select((s, i) => (s.Weight, i))];

        TimeSpan Now => time.GetElapsedTime(began);

        /// <returns>When all of it had ended.</returns>
        public async Task<TimeSpan> RunAsync(CancellationToken cancellation)
        {
            await Task.WhenAll(Enumerable.Range(0, plan.MostCopies).Select(copy => CopyAsync(copy, cancellation)).Append(InjectAsync(cancellation)));
            return Now;
        }

        async Task InjectAsync(CancellationToken cancellation)
        {
            using var turns = new SemaphoreSlim(workload.MostAtOnce);
            ulong number = 0;
            try
            {
                foreach (var start in plan.Starts())
                {
                    if (start - Now is { Ticks: > 0 } early)
                        await Task.Delay(early, time, cancellation);
                    await turns.WaitAsync(cancellation);
                    var random = new OperationRandom(Chance.Mix(seed, number++));
                    int step = random.Pick<int>(weights);
                    // Timers count whole milliseconds and may fire a fraction early: nobody waited then.
                    var from = Now < start ? Now : start;
                    if (Now > plan.End + Patience)
                    {
                        meters[step].Fail(from, Now, $"not begun within {Patience.TotalSeconds:0} s after the load ended: it is more than can be borne");
                        turns.Release();
                        continue;
                    }
                    _ = OneAsync(step, from, random, cancellation).ContinueWith(_ => turns.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                }
            }
            finally
            {
                for (int i = 0; i < workload.MostAtOnce; i++)
                    await turns.WaitAsync(CancellationToken.None);
            }
        }

        async Task CopyAsync(int copy, CancellationToken cancellation)
        {
            ulong own = Chance.Mix(seed, ulong.MaxValue - (ulong)copy), number = 0;
            while (!cancellation.IsCancellationRequested && Now is var now && now < plan.End)
                if (plan.CopiesAt(now) <= copy)
                    await Task.Delay(Look, time, cancellation);
                else
                {
                    var random = new OperationRandom(Chance.Mix(own, number++));
                    await OneAsync(random.Pick<int>(weights), now, random, cancellation);
                }
        }

        /// <summary>Never throws: a failure is a result. Cancelled, it measures nothing.</summary>
        /// <param name="start">When it was meant to begin.</param>
        async Task OneAsync(int step, TimeSpan start, Random random, CancellationToken cancellation)
        {
            await Task.Yield(); // a step that blocks must not keep the others from beginning
            try
            {
                await workload.Steps[step].RunAsync(new StepContext(random, documents => meters[step].Count(start, Now, documents)), cancellation);
                meters[step].Succeed(start, Now);
            }
            catch (Exception e)
            {
                if (!cancellation.IsCancellationRequested)
                    meters[step].Fail(start, Now, e.Message.ReplaceLineEndings(" "));
            }
        }
    }
}
