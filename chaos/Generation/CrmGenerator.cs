namespace Chaos.Generation;

/// <summary>Sends the events of a made-up CRM: a number of days at once, or live in sped-up time. Always from the first day on: the same seed sends the same again.</summary>
public sealed class CrmGenerator(IMessageSink sink, CrmOptions options, TimeProvider? time = null)
{
    public const string DefaultQueue = "user_events";

    const int StepsInADay = 100;
    static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(10), LongestStep = TimeSpan.FromSeconds(1);

    readonly CrmOptions options = options.Checked();
    readonly TimeProvider time = time ?? TimeProvider.System;

    /// <param name="organizations">The CSV file to write.</param>
    public async Task<CrmSummary> GenerateDaysAsync(string organizations, CancellationToken cancellation = default)
    {
        var (world, summary) = await BeginAsync(organizations, cancellation);
        for (int made = 0; made < options.Days; made++)
        {
            var day = world.NextDay;
            IReadOnlyList<CrmMessage> messages = made == options.Days - 1 ? [.. world.Advance(), .. world.Finish()] : world.Advance();
            await sink.PublishAsync([.. messages.Select(m => m.Body)], cancellation);
            summary = summary.With(day, messages);
        }
        return summary;
    }

    /// <summary>Lives on until cancelled, one simulated day in <see cref="CrmOptions.RealTimeSecondsInADay"/> real seconds.</summary>
    /// <param name="progress">Told the sums so far whenever a day has ended.</param>
    /// <returns>The sums, once cancelled: of whole days.</returns>
    public async Task<CrmSummary> LiveAsync(string organizations, IProgress<CrmSummary>? progress = null, CancellationToken cancellation = default)
    {
        var summary = CrmSummary.None;
        try
        {
            (var world, summary) = await BeginAsync(organizations, cancellation);
            var length = TimeSpan.FromSeconds(options.RealTimeSecondsInADay);
            var step = TimeSpan.FromTicks(Math.Clamp(length.Ticks / StepsInADay, ShortestStep.Ticks, LongestStep.Ticks));
            long began = time.GetTimestamp();
            for (var dayBegan = TimeSpan.Zero; ; dayBegan += length)
            {
                var day = world.NextDay;
                var messages = world.Advance();
                for (int sent = 0; ;)
                {
                    double share = Math.Clamp((time.GetElapsedTime(began) - dayBegan) / length, 0, 1);
                    int due = (int)(messages.Count * share);
                    await sink.PublishAsync([.. messages.Skip(sent).Take(due - sent).Select(m => m.Body)], cancellation);
                    sent = due;
                    if (share >= 1)
                        break;
                    await Task.Delay(step, time, cancellation);
                }
                summary = summary.With(day, messages);
                progress?.Report(summary);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // being cancelled is how living ends
        }
        return summary;
    }

    async Task<(CrmWorld, CrmSummary)> BeginAsync(string organizations, CancellationToken cancellation)
    {
        var world = new CrmWorld(options);
        await world.Organizations.WriteAsync(organizations, cancellation);
        return (world, CrmSummary.None with { Organizations = world.Organizations.Names.Count });
    }
}
