using Etl.Loading;
using Etl.Sources;
using FsCheck;
using FsCheck.Fluent;
using Quality.Reconciliation;

namespace Etl.Tests.Loading;

/// <summary>Promises I2 and I9 for events and for the tables that follow from them.</summary>
public sealed class A_reconciliation_of_events
{
    static Happening[] Some => [.. Enumerable.Range(0, 40).Select(i => new Happening($"e{i}", i % 6, i * 3, i % 9 == 8 ? "gone" : "a", $"{i:000}.json"))];

    static TableResult Of(ReconcileResult result, string table) => result.Tables.Single(t => t.Table.Name == table);

    [Fact]
    public async Task Closes_its_books()
    {
        await using var events = await Events.OnAsync("compared_books");
        events.Put(Some);
        events.Put(Some[3] with { Place = "again.json" }, Some[4] with { Place = "other.json", Says = "else" }, Some[5] with { Place = "bad.json", Id = "bad", IsBad = true });
        await events.SyncAsync();
        var result = await events.ReconcileAsync();
        Assert.Equal(Verdict.Reconciled, result.Verdict);
        var root = Of(result, "happenings");
        Assert.Equal((43L, 40L, 1L, 1L, 1L), (root.Documents, root.Source, root.Quarantined, root.Duplicate, root.Superseded));
        Assert.Equal(root.Documents, root.Source + root.Quarantined + root.Duplicate + root.Superseded);
        Assert.Equal(["43 1 1"], await events.ListAsync("SELECT concat_ws(' ', documents, duplicate, superseded) FROM quality.reconciliations WHERE table_name = 'events.happenings'"));
    }

    [Fact]
    public async Task Finds_a_refused_event_that_nobody_has_seen()
    {
        await using var events = await Events.OnAsync("compared_unseen");
        events.Put(Some);
        await events.SyncAsync();
        events.Put(Some[0] with { IsBad = true });
        var result = await events.ReconcileAsync();
        Assert.Equal((Verdict.Mismatched, 1L, 0L, 1L), (result.Verdict, Of(result, "happenings").Missing, Of(result, "happenings").Unexpected, Of(result, "happenings").HeldBack));
        await events.SyncAsync();
        result = await events.ReconcileAsync();
        Assert.Equal((Verdict.Reconciled, 1L, 1L), (result.Verdict, Of(result, "happenings").Quarantined, Of(result, "happenings").HeldBack));
    }

    [Fact]
    public async Task Judges_only_the_days_that_are_asked_for()
    {
        await using var events = await Events.OnAsync("compared_days");
        const int day = 86_400;
        events.Put([.. Enumerable.Range(0, 12).Select(i => new Happening($"e{i}", 1, i * day / 2, "a", $"{i}"))]);
        await events.SyncAsync();
        await events.ExecuteAsync("UPDATE events.happenings SET says = 'edited' WHERE id IN ('e1', 'e5'); DELETE FROM events.happenings WHERE id = 'e4'; INSERT INTO events.happenings (id, at, who) VALUES ('x', '1970-01-03 12:00Z', 1), ('y', '1970-01-05Z', 1)");
        var result = await new Reconciler(events.Contract, events.Source, events.Warehouse, TimeProvider.System)
            .RunAsync(new ReconcileOptions { Days = new DayRange(new(1970, 1, 3), new(1970, 1, 3)) }, CancellationToken.None);
        var root = Of(result, "happenings");
        Assert.Equal((2L, 1L, 1L, 1L, 0L), (root.Source, root.Missing, root.Changed, root.Unexpected, root.Matched));
    }

    public sealed record Edit(int Deletes, int Updates, int Inserts);

    static readonly Gen<Edit> AnyEdit = from deletes in Gen.Choose(0, 3) from updates in Gen.Choose(0, 3) from inserts in Gen.Choose(0, 2) select new Edit(deletes, updates, inserts);

    /// <summary>Plant k differences, and k are reported, exactly those; a repair leaves none.</summary>
    [Fact]
    public async Task Finds_exactly_what_was_planted_and_mends_it()
    {
        await using var events = await Events.OnAsync("compared_planted");
        events.Put(Some);
        await events.SyncAsync();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(15), Prop.ForAll(AnyEdit.ArrayOf(3).ToArbitrary(), edits => Task.Run(async () =>
        {
            // The event table last: a derived table is judged by the events as they stand.
            await PlantAsync(events, "told.states", edits[2], "id", "says");
            await PlantAsync(events, "events.now", edits[1], "who", "says");
            var result = await events.ReconcileAsync();
            Holds(edits[2], Of(result, "states"));
            Holds(edits[1], Of(result, "now"));
            Assert.Equal(0, Of(result, "happenings").DifferenceCount);
            await PlantAsync(events, "events.happenings", edits[0], "id", "says");
            result = await events.ReconcileAsync();
            Holds(edits[0], Of(result, "happenings"));
            var repaired = await new Repairer(events.Contract, events.Source, events.Warehouse, TimeProvider.System).RunAsync(new ReconcileOptions(), deleteUnexpected: true, CancellationToken.None);
            Assert.True(repaired.After.Verdict == Verdict.Reconciled, repaired.After.Reason);
        }).GetAwaiter().GetResult()));
        Assert.Equal(Some.Select(s => s.Row).Order(StringComparer.Ordinal), await events.EventsAsync());
    }

    static void Holds(Edit planted, TableResult found) =>
        Assert.Equal((planted.Deletes, planted.Updates, planted.Inserts), ((int)found.Missing, (int)found.Changed, (int)found.Unexpected));

    static async Task PlantAsync(Events events, string table, Edit edit, string key, string column)
    {
        string value = key == "who" ? "1000 + n" : "'planted' || n";
        await events.ExecuteAsync($"""
            DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} ORDER BY {key} LIMIT {edit.Deletes});
            UPDATE {table} SET {column} = coalesce({column}, '') || '~' WHERE ctid IN (SELECT ctid FROM {table} ORDER BY {key} DESC LIMIT {edit.Updates});
            INSERT INTO {table} SELECT (jsonb_populate_record(null::{table}, to_jsonb(t) || jsonb_build_object('{key}', {value}))).* FROM (SELECT * FROM {table} ORDER BY {key} LIMIT 1) t, generate_series(1, {edit.Inserts}) n
            """);
    }
}
