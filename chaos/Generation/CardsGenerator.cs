using Etl;

namespace Chaos.Generation;

/// <summary>Fills an inbox with events of users and their cards: a number of days at once, or live in sped-up time. Goes on after what is there.</summary>
public sealed class CardsGenerator(CardsOptions options, TimeProvider? time = null)
{
    /// <summary>Days made at once leave one half-written file, and one more for so many days.</summary>
    const int DaysPerUnfinished = 10;

    /// <summary>In live mode one event in so many is written in two parts, seen by all.</summary>
    const int SlowOneIn = 25;
    const int StepsInADay = 100, SecondsInADay = 86_400;

    /// <summary>A file is written within seconds of its event; one in so many hours later, after others.</summary>
    const int LateOneIn = 50;
    static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(10), LongestStep = TimeSpan.FromSeconds(1);
    static readonly DateOnly LastDay = new(2106, 1, 1);

    readonly CardsOptions options = options.Checked();
    readonly TimeProvider time = time ?? TimeProvider.System;
    readonly Random delays = Chance.Seeded(Chance.Mix((ulong)options.Seed, 1));

    /// <summary>Makes <see cref="CardsOptions.Days"/> days at once. The files' times are those of their events, and a little; half-written files are of now.</summary>
    /// <exception cref="UnavailableException">The inbox cannot be written to.</exception>
    public Task<CardsSummary> GenerateDaysAsync(CancellationToken cancellation = default) => WriteAsync(async (world, writer) =>
    {
        var summary = Nothing;
        for (int made = 0; made < options.Days; made++)
        {
            var day = world.NextDay;
            foreach (var what in Advance(world))
            {
                await writer.WriteAsync(what, what.At + Delay(), cancellation);
                summary = Add(summary, what, day);
            }
        }
        int unfinished = 1 + options.Days / DaysPerUnfinished;
        for (int i = 0; i < unfinished; i++)
            await writer.BeginAsync(world.Unfinished(i), cancellation);
        await writer.CountAsync(world, cancellation);
        return summary with { HalfWritten = unfinished };
    }, cancellation);

    /// <summary>Lives on until cancelled, one simulated day in <see cref="CardsOptions.RealTimeSecondsInADay"/> real seconds. What is half-written then is completed.</summary>
    /// <param name="progress">Told the sums so far whenever a day has ended.</param>
    /// <returns>The sums, once cancelled.</returns>
    /// <exception cref="UnavailableException">The inbox cannot be written to.</exception>
    public Task<CardsSummary> LiveAsync(IProgress<CardsSummary>? progress = null, CancellationToken cancellation = default) => WriteAsync(async (world, writer) =>
    {
        var summary = Nothing;
        var dayLength = TimeSpan.FromSeconds(options.RealTimeSecondsInADay);
        var step = TimeSpan.FromTicks(Math.Clamp(dayLength.Ticks / StepsInADay, ShortestStep.Ticks, LongestStep.Ticks));
        long began = time.GetTimestamp();
        var slow = new List<InboxEvent>();
        for (var dayBegan = TimeSpan.Zero; ; dayBegan += dayLength)
        {
            var day = world.NextDay;
            var events = new Queue<InboxEvent>(Advance(world));
            while (true)
            {
                double share = (time.GetElapsedTime(began) - dayBegan) / dayLength;
                var moment = day.ToDateTime(default).AddSeconds(Math.Min(share, 1) * SecondsInADay);
                await EndAsync(writer, slow);
                for (; events.TryPeek(out var what) && what.At <= moment; events.Dequeue())
                {
                    if (delays.OneIn(SlowOneIn))
                    {
                        await writer.BeginAsync(what, CancellationToken.None);
                        slow.Add(what);
                    }
                    else
                        await writer.WriteAsync(what, null, CancellationToken.None);
                    summary = Add(summary, what, day);
                }
                await writer.CountAsync(world, CancellationToken.None);
                if (share >= 1)
                    break;
                if (await IsCancelledAsync(step, cancellation))
                {
                    await EndAsync(writer, slow);
                    return summary;
                }
            }
            progress?.Report(summary);
        }
    }, cancellation);

    static CardsSummary Nothing => new(0, 0, 0, 0, 0, null, null);

    async Task<CardsSummary> WriteAsync(Func<CardsWorld, InboxWriter, Task<CardsSummary>> write, CancellationToken cancellation)
    {
        try
        {
            var world = new CardsWorld(options, await CardsState.LoadAsync(options.Inbox, cancellation));
            return await write(world, new InboxWriter(options.Inbox));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The inbox '{Path.GetFullPath(options.Inbox)}' cannot be written to: {e.Message} Make room or change its permissions, or name another by {CardsOptions.InboxVariable}.", e);
        }
    }

    static async Task EndAsync(InboxWriter writer, List<InboxEvent> slow)
    {
        foreach (var what in slow)
            await writer.EndAsync(what, CancellationToken.None);
        slow.Clear();
    }

    /// <summary>Waits for a step.</summary>
    async Task<bool> IsCancelledAsync(TimeSpan step, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(step, time, cancellation);
            return false;
        }
        catch (OperationCanceledException) // being cancelled is how living ends
        {
            return true;
        }
    }

    TimeSpan Delay() => TimeSpan.FromMilliseconds(delays.OneIn(LateOneIn) ? delays.Next(12 * 3_600_000) : delays.Next(3_000));

    static CardsSummary Add(CardsSummary to, InboxEvent what, DateOnly day)
    {
        to = to with { FirstDay = to.FirstDay ?? day, LastDay = day };
        return what is not CardEvent card ? to with { Users = to.Users + 1 } : to with
        {
            Creations = to.Creations + (card.IsCreation ? 1 : 0),
            Changes = to.Changes + (card.IsCreation ? 0 : 1),
            WithoutUser = to.WithoutUser + (card.UserId is null ? 1 : 0),
        };
    }

    static IReadOnlyList<InboxEvent> Advance(CardsWorld world) => world.NextDay < LastDay ? world.Advance()
        : throw new UsageException($"Simulated time has reached {world.NextDay:yyyy-MM-dd}. Empty the inbox, or set {CommunityOptions.StartVariable} to an earlier day.");
}
