using Etl;
using Etl.Sources.Mongo;

namespace Chaos.Generation;

/// <summary>
/// Fills a database with a community: a number of days at once, or live in sped-up time.
/// Continues after what is already there; old users go on writing and being invoiced.
/// </summary>
public sealed class CommunityGenerator(IDocumentSink sink, CommunityOptions options, TimeProvider? time = null)
{
    public const string DefaultDatabase = "secondNature";

    /// <summary>Live mode writes so often in a simulated day, but not more often than the shortest step.</summary>
    const int StepsInADay = 100;
    static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(10), LongestStep = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LastMoment = TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1);
    static readonly DateOnly LastDay = new(2106, 1, 1);

    readonly CommunityOptions options = options.Checked();
    readonly TimeProvider time = time ?? TimeProvider.System;

    public static CommunityGenerator ForMongo(
        MongoConnection connection, CommunityOptions options, string database = DefaultDatabase, TimeProvider? time = null) =>
        new(new MongoDocumentSink(connection, database), options, time);

    /// <summary>Makes <see cref="CommunityOptions.Days"/> days at once, ending with a run of the invoice job.</summary>
    /// <remarks>New documents are inserted in their final state; only those that were there before are updated.</remarks>
    /// <exception cref="MongoException">The server refused a write, or could not be reached.</exception>
    public async Task<GenerationSummary> GenerateDaysAsync(CancellationToken cancellation = default)
    {
        var world = new CommunityWorld(options, await CommunityState.LoadAsync(sink, cancellation));
        var writer = new CommunityWriter(sink);
        for (int made = 0; made < options.Days; made++)
        {
            cancellation.ThrowIfCancellationRequested();
            var day = Advance(world);
            writer.Begin(day);
            writer.TakeUntil(day.Start + LastMoment);
        }
        writer.TakeInvoices(world.RunInvoiceJob(CommunityDay.StartOf(world.NextDay.AddDays(-1)) + LastMoment));
        await writer.FlushAsync(cancellation);
        return writer.Summary;
    }

    /// <summary>Lives on until cancelled, one simulated day in <see cref="CommunityOptions.RealTimeSecondsInADay"/> real seconds.</summary>
    /// <param name="progress">Told the sums so far whenever a day has ended.</param>
    /// <returns>The sums, once cancelled.</returns>
    /// <exception cref="MongoException">The server refused a write, or could not be reached.</exception>
    public async Task<GenerationSummary> LiveAsync(IProgress<GenerationSummary>? progress = null, CancellationToken cancellation = default)
    {
        var writer = new CommunityWriter(sink);
        try
        {
            await LiveAsync(new CommunityWorld(options, await CommunityState.LoadAsync(sink, cancellation)), writer, progress, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // being cancelled is how living ends
        }
        return writer.Summary;
    }

    async Task LiveAsync(CommunityWorld world, CommunityWriter writer, IProgress<GenerationSummary>? progress, CancellationToken cancellation)
    {
        var dayLength = TimeSpan.FromSeconds(options.RealTimeSecondsInADay);
        var betweenJobs = TimeSpan.FromSeconds(options.TimeBetweenCronJobs);
        var step = TimeSpan.FromTicks(Math.Clamp(dayLength.Ticks / StepsInADay, ShortestStep.Ticks, LongestStep.Ticks));
        long began = time.GetTimestamp();
        var nextJob = betweenJobs;
        for (var dayBegan = TimeSpan.Zero; ; dayBegan += dayLength)
        {
            var day = Advance(world);
            writer.Begin(day);
            while (true)
            {
                var elapsed = time.GetElapsedTime(began);
                double share = (elapsed - dayBegan) / dayLength;
                var moment = day.Start + (share < 1 ? TimeSpan.FromMilliseconds(Math.Floor(LastMoment.TotalMilliseconds * Math.Max(share, 0))) : LastMoment);
                writer.TakeUntil(moment);
                if (elapsed >= nextJob)
                {
                    writer.TakeInvoices(world.RunInvoiceJob(moment));
                    while (nextJob <= elapsed) // one run makes up for all that were missed
                        nextJob += betweenJobs;
                }
                await writer.FlushAsync(cancellation);
                if (share >= 1)
                    break;
                await Task.Delay(step, time, cancellation);
            }
            progress?.Report(writer.Summary);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    static CommunityDay Advance(CommunityWorld world) => world.NextDay < LastDay
        ? world.Advance()
        : throw new UsageException($"Simulated time has reached {world.NextDay:yyyy-MM-dd}; ObjectIds count seconds only until 2106. Empty the database, or set {CommunityOptions.StartVariable} to an earlier day.");
}
