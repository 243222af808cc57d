using Quartz;

namespace Quality.Scheduling;

/// <summary>
/// Wakes the watches: at their cron times, and every few seconds besides, to take over from a dead process and to send what did not go out.
/// Quartz keeps its triggers in memory; what it misses is no loss, since a watch asks the journal.
/// </summary>
internal static class Clockwork
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Runs until stopped; looks that are in hand then are waited for, and stop by the same token.</summary>
    /// <param name="show">Told each chain that was run.</param>
    public static async Task RunAsync(IReadOnlyList<Watch> watches, TimeProvider time, Action<ChainResult> show, CancellationToken cancellation)
    {
        var looks = new Looks(watches, show, cancellation);
        await using var factory = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.UseTimeProvider(time).UseInMemoryStore().UseDefaultThreadPool(watches.Count);
            foreach (var watch in watches)
            {
                quartz.AddJob(watch.Pipeline, (IJobExecutionContext context) => looks.LookAsync(context.JobDetail.Key.Name), job => job.DisallowConcurrentExecution());
                quartz.AddTrigger(trigger => trigger.ForJob(watch.Pipeline).WithIdentity(watch.Pipeline, "due").WithCronSchedule(watch.Cron.Expression));
                quartz.AddTrigger(trigger => trigger.ForJob(watch.Pipeline).WithIdentity(watch.Pipeline, "look").StartNow().WithSimpleSchedule(every => every.WithInterval(LookEvery).RepeatForever()));
            }
        }).Build();
        var scheduler = await factory.GetScheduler(CancellationToken.None);
        await scheduler.Start(CancellationToken.None);
        try
        {
            await looks.Broken.Task.WaitAsync(cancellation);
        }
        finally
        {
            await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
        }
    }

    /// <summary>A fault of ours ends the program, as in any other command, instead of being one more line in a log.</summary>
    sealed class Looks(IReadOnlyList<Watch> watches, Action<ChainResult> show, CancellationToken cancellation)
    {
        public TaskCompletionSource Broken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task LookAsync(string pipeline)
        {
            try
            {
                if (await watches.First(w => w.Pipeline == pipeline).LookAsync(cancellation) is { } result)
                    show(result);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Stopped between two chains.
            }
            catch (Exception e)
            {
                Broken.TrySetException(e);
            }
        }
    }
}
