using Etl.Loading;
using Etl.Sources;

namespace Etl.Tests.Loading;

public sealed class A_sync_of_events
{
    static Happening File(int n, string id, int who = 1, int at = 0, string says = "a") => new(id, who, at, says, $"{n:000}.json");

    static Happening On(int day, int index, string id, int who = 1, int at = 0, string says = "a") => new(id, who, at, says, (day, index));

    static (long Read, long Loaded, long Unchanged, long Duplicate, long Superseded, long Quarantined, long Filtered) Books(SyncResult result)
    {
        var d = result.Documents[0];
        return (d.Read, d.Loaded, d.Unchanged, d.Duplicate, d.Superseded, d.Quarantined, d.Filtered);
    }

    [Fact]
    public async Task Keeps_what_is_gone_from_the_source()
    {
        await using var events = await Events.OnAsync("events_gone");
        events.Put(File(1, "a"), File(2, "b"));
        await events.SyncAsync();
        events.Take(File(1, "a"));
        var result = await events.SyncAsync();
        await events.BooksCloseAsync(result);
        Assert.Equal(2, (await events.EventsAsync()).Count);
        Assert.Equal((1, 0, 1, 0, 0, 0, 0), Books(result));
        Assert.Equal(0, await events.CountAsync("SELECT count(*) FROM quality.tombstones"));
    }

    [Fact]
    public async Task Counts_the_same_content_again_as_duplicate_and_changes_nothing_the_second_time()
    {
        await using var events = await Events.OnAsync("events_twice");
        events.Put(File(1, "a"), File(2, "a"), File(3, "b"));
        var first = await events.SyncAsync();
        await events.BooksCloseAsync(first);
        Assert.Equal((3, 2, 0, 1, 0, 0, 0), Books(first));
        Assert.Equal((3, 0, 2, 1, 0, 0, 0), Books(await events.SyncAsync()));
        await events.NothingChangesAsync(batch: 1);
    }

    [Fact]
    public async Task Takes_the_later_fetch_of_a_day_and_the_later_day()
    {
        await using var events = await Events.OnAsync("events_days");
        events.Put(On(2, 0, "x", says: "day two"), On(1, 0, "x", says: "day one"), On(1, 1, "y", says: "first"), On(1, 2, "y", says: "second"));
        var result = await events.SyncAsync(batch: 1);
        await events.BooksCloseAsync(result);
        Assert.Equal(["x|1970-01-01 00:00:00|1|day two", "y|1970-01-01 00:00:00|1|second"], await events.EventsAsync());
        Assert.Equal((4, 3, 0, 0, 1, 0, 0), Books(result)); // x of day one was loaded first, and then updated
        // Day one answers otherwise now: the later fetch counts for y, also in another order; x is day two's.
        events.Put(On(1, 0, "y", says: "new"), On(1, 1, "x", says: "newer"), On(1, 2, "z"));
        result = await events.SyncAsync(batch: 2);
        await events.BooksCloseAsync(result);
        Assert.Equal(["x|1970-01-01 00:00:00|1|day two", "y|1970-01-01 00:00:00|1|new", "z|1970-01-01 00:00:00|1|a"], await events.EventsAsync());
        Assert.Equal((4, 2, 1, 0, 1, 0, 0), Books(result));
        await events.NothingChangesAsync(batch: 1);
    }

    [Fact]
    public async Task Reads_only_the_days_that_are_asked_for()
    {
        await using var events = await Events.OnAsync("events_from");
        const int day = 86_400;
        events.Put(File(1, "a", at: 0), File(2, "b", at: day - 1), File(3, "c", at: day), File(4, "d", at: 2 * day));
        var result = await events.SyncAsync(days: new DayRange(new(1970, 1, 2), new(1970, 1, 2)));
        await events.BooksCloseAsync(result);
        Assert.Equal((4, 1, 0, 0, 0, 0, 3), Books(result));
        Assert.Equal(["c|1970-01-02 00:00:00|1|a"], await events.EventsAsync());
        await events.SyncAsync(days: new DayRange(new(1970, 1, 1), new(1970, 1, 1)));
        result = await events.SyncAsync(days: new DayRange(new(1970, 1, 1), new(1970, 1, 2)));
        Assert.Equal((4, 0, 3, 0, 0, 0, 1), Books(result));
        Assert.Equal(3, (await events.EventsAsync()).Count);
    }

    [Fact]
    public async Task Follows_late_events_deletions_and_what_comes_after_them()
    {
        await using var events = await Events.OnAsync("events_states");
        events.Put(File(1, "a", at: 10), File(2, "b", at: 30, says: "gone"));
        await events.SyncAsync();
        Assert.Equal(["1|a|a|1970-01-01 00:00:10|1970-01-01 00:00:30|f|f", "1|b|gone|1970-01-01 00:00:30|∅|t|t"], await events.StatesAsync());
        events.Put(File(3, "c", at: 20, says: "late"), File(4, "d", at: 40, says: "back"));
        var result = await events.SyncAsync();
        await events.BooksCloseAsync(result);
        Assert.Equal(["1|a|a|1970-01-01 00:00:10|1970-01-01 00:00:20|f|f", "1|b|gone|1970-01-01 00:00:30|1970-01-01 00:00:40|f|t",
            "1|c|late|1970-01-01 00:00:20|1970-01-01 00:00:30|f|f", "1|d|back|1970-01-01 00:00:40|∅|t|f"], await events.StatesAsync());
        Assert.Equal(["1|back|d"], await events.NowAsync());
        Assert.Equal((4, 2, 2, 0), result.Tables.Where(t => t.Table.Name == "states").Select(t => ((int)t.Produced, (int)t.Inserted, (int)t.Updated, (int)t.Removed)).Single());
    }

    /// <summary>An event that is now said to be another's leaves the one and joins the other.</summary>
    [Fact]
    public async Task Moves_an_event_from_one_entity_to_another()
    {
        await using var events = await Events.OnAsync("events_moved");
        events.Put(File(1, "a", who: 1), File(2, "b", who: 2, at: 5));
        await events.SyncAsync();
        events.Put(File(1, "a", who: 2));
        await events.BooksCloseAsync(await events.SyncAsync());
        Assert.Equal(["2|a|b"], await events.NowAsync());
        Assert.Equal(["2|a|a|1970-01-01 00:00:00|1970-01-01 00:00:05|f|f", "2|b|a|1970-01-01 00:00:05|∅|t|f"], await events.StatesAsync());
        Assert.Equal(1, await events.CountAsync("SELECT count(*) FROM quality.tombstones WHERE table_name = 'events.now'"));
    }

    [Fact]
    public async Task Quarantines_an_event_and_loads_it_when_it_is_mended()
    {
        await using var events = await Events.OnAsync("events_bad");
        events.Put(File(1, "a") with { IsBad = true }, File(2, "b"));
        var result = await events.SyncAsync();
        await events.BooksCloseAsync(result);
        Assert.Equal((2, 1, 0, 0, 0, 1, 0), Books(result));
        Assert.Equal(["\"001.json\" required who false open"], await events.ListAsync("SELECT concat_ws(' ', document_key, rule, path, held_back::text, state) FROM quality.quarantine"));
        events.Put(File(1, "a"), File(2, "b") with { IsBad = true });
        await events.BooksCloseAsync(await events.SyncAsync());
        Assert.Equal(2, (await events.EventsAsync()).Count);
        Assert.Equal(["\"001.json\" resolved false", "\"002.json\" open true"], await events.ListAsync("SELECT concat_ws(' ', document_key, state, held_back::text) FROM quality.quarantine ORDER BY 1"));
    }

    [Fact]
    public async Task Knows_an_event_without_an_id_by_its_content()
    {
        await using var events = await Events.OnAsync("events_content", Events.ByContent());
        events.Put(File(1, "a"), File(2, "a"), File(3, "a", says: "b"));
        var result = await events.SyncAsync(batch: 1);
        await events.BooksCloseAsync(result);
        Assert.Equal((3, 2, 0, 1, 0, 0, 0), Books(result));
        Assert.Equal(2, await events.CountAsync("SELECT count(DISTINCT sk) FROM events.happenings"));
        await events.NothingChangesAsync();
    }

    [Fact]
    public async Task Makes_derived_tables_anew_where_the_contract_changed_or_days_are_named()
    {
        await using var events = await Events.OnAsync("events_anew");
        events.Put(File(1, "a"), File(2, "b", who: 2));
        await events.SyncAsync();
        await events.ExecuteAsync("UPDATE events.now SET says = 'edited'; DELETE FROM told.states; INSERT INTO told.states (id, who) VALUES ('z', 1)");
        var result = await events.SyncAsync(days: new DayRange(new(1970, 1, 1), new(1970, 1, 1)));
        await events.BooksCloseAsync(result);
        Assert.Equal(["1|a|a", "2|a|b"], await events.NowAsync());
        Assert.Equal(2, (await events.StatesAsync()).Count);
    }

    /// <summary>A source read by position whose tables follow it whole: the lines of a file.</summary>
    [Fact]
    public async Task Of_a_whole_source_removes_what_is_gone()
    {
        await using var events = await Events.OnAsync("events_whole", Events.Whole());
        events.Put(File(1, "a"), File(2, "b"), File(3, "b", says: "later line"), File(4, "c") with { IsBad = true });
        var result = await events.SyncAsync(batch: 2);
        await events.BooksCloseAsync(result);
        Assert.Equal((4, 2, 0, 0, 1, 1, 0), Books(result));
        Assert.Equal(["a|1970-01-01 00:00:00|1|a", "b|1970-01-01 00:00:00|1|later line"], await events.EventsAsync());
        events.Take(File(1, "a"));
        events.Put(File(3, "b") with { IsBad = true }, File(2, "x"));
        result = await events.SyncAsync(batch: 2);
        await events.BooksCloseAsync(result);
        Assert.Equal(["b|1970-01-01 00:00:00|1|later line", "x|1970-01-01 00:00:00|1|a"], await events.EventsAsync()); // b is refused now: its last good row stays
        Assert.Equal(1, await events.CountAsync("SELECT count(*) FROM quality.tombstones"));
    }
}
