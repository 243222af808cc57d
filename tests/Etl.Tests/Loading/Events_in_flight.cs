using Etl.Loading;
using Quality.Reconciliation;
using Tests.Shared;

namespace Etl.Tests.Loading;

/// <summary>A document does not say alone what counts for its key: events that differ are compared once more as a whole.</summary>
public sealed class Events_in_flight
{
    static Happening[] Some => [.. Enumerable.Range(0, 40).Select(i => new Happening($"e{i}", i % 6, i * 3, "a", $"{i:000}.json"))];

    static Task<ReconcileResult> ReconcileAsync(Events events, TimeProvider time) =>
        new Reconciler(events.Contract, events.Source, events.Warehouse, time).RunAsync(new ReconcileOptions { Settle = TimeSpan.FromSeconds(30) }, CancellationToken.None);

    static TableResult Of(ReconcileResult result, string table) => result.Tables.Single(t => t.Table.Name == table);

    [Fact]
    public async Task Are_real_where_they_differ_as_before()
    {
        await using var events = await Events.OnAsync("flight_real");
        events.Put(Some);
        await events.SyncAsync();
        await events.ExecuteAsync("UPDATE events.happenings SET says = 'edited' WHERE id IN ('e1', 'e5'); DELETE FROM events.happenings WHERE id = 'e4'; INSERT INTO events.happenings (id, at, who) VALUES ('x', '1970-01-03 12:00Z', 1)");
        var time = new LeapingTime();
        var found = await ReconcileAsync(events, time);
        var root = Of(found, "happenings");
        Assert.Equal((Verdict.Mismatched, 1L, 2L, 1L, 0L), (found.Verdict, root.Missing, root.Changed, root.Unexpected, root.InFlight));
        Assert.Equal((40L, 40L, 37L), (root.Source, root.Warehouse, root.Matched));
        Assert.Single(time.Waits);
        Assert.True(Of(found, "now").DifferenceCount > 0, "what follows from edited events differs too");
    }

    [Fact]
    public async Task Are_dropped_where_they_arrive_and_in_flight_where_they_change()
    {
        await using var events = await Events.OnAsync("flight_arrives");
        events.Put(Some);
        await events.SyncAsync();
        events.Put(new Happening("new", 1, 5_000, "a", "new.json"));
        var arrived = await ReconcileAsync(events, new Meanwhile(() => events.SyncAsync().GetAwaiter().GetResult()));
        Assert.Equal((Verdict.Reconciled, 41L), (arrived.Verdict, Of(arrived, "happenings").Matched));

        await events.ExecuteAsync("UPDATE events.happenings SET says = 'first' WHERE id = 'e1'");
        var moving = await ReconcileAsync(events, new Meanwhile(() => events.ExecuteAsync("UPDATE events.happenings SET says = 'second' WHERE id = 'e1'").GetAwaiter().GetResult()));
        var root = Of(moving, "happenings");
        Assert.Equal((Verdict.Unknown, 1L, 0L), (root.Verdict, root.InFlight, root.DifferenceCount));
    }

    sealed class Meanwhile(Action happens) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            happens();
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
