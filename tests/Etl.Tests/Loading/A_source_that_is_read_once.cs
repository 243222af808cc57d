using Etl.Loading;
using Quality.Reconciliation;

namespace Etl.Tests.Loading;

/// <summary>A queue: what it gave is kept before it is told to forget, and is what reconciliations compare with.</summary>
public sealed class A_source_that_is_read_once
{
    static Happening Says(string id, string says = "a", int who = 1, int at = 0) => new(id, who, at, says, "");

    [Fact]
    public async Task Is_told_to_forget_only_what_is_durable_and_kept()
    {
        await using var events = await Events.OnAsync("once_durable", Events.ByContent());
        var queue = new QueueInMemory();
        queue.Publish([.. Enumerable.Range(0, 10).Select(i => Says($"e{i}", at: i))]);
        queue.FailAfter = 2;
        await Assert.ThrowsAsync<UnavailableException>(() => events.SyncAsync(queue, batch: 3));
        Assert.Equal(10 - await events.CountAsync("SELECT count(*) FROM events.happenings"), queue.Waiting.Count);
        Assert.Equal(10 - queue.Waiting.Count, await events.CountAsync("SELECT count(*) FROM quality.messages"));
        queue.FailAfter = null;
        await events.BooksCloseAsync(await events.SyncAsync(queue, batch: 3));
        Assert.Empty(queue.Waiting);
        Assert.Equal(10, await events.CountAsync("SELECT count(*) FROM events.happenings"));
        Assert.Equal(QueueInMemory.BodyOf(Says("e0")), (await events.ListAsync("SELECT convert_from(body, 'UTF8') FROM quality.messages ORDER BY id"))[0]);
    }

    [Fact]
    public async Task Counts_a_message_that_comes_again_as_duplicate()
    {
        await using var events = await Events.OnAsync("once_again", Events.ByContent());
        var queue = new QueueInMemory();
        queue.Publish(Says("a"), Says("b"), Says("a"));
        var result = await events.SyncAsync(queue);
        await events.BooksCloseAsync(result);
        Assert.Equal((3, 2, 1), ((int)result.Documents[0].Read, (int)result.Documents[0].Loaded, (int)result.Documents[0].Duplicate));
        queue.Publish(Says("b"), Says("c"));
        queue.Publish(QueueInMemory.BodyOf(Says("a")).Replace(": ", ":")); // other bytes, the same content
        result = await events.SyncAsync(queue);
        await events.BooksCloseAsync(result);
        Assert.Equal((3, 1, 2), ((int)result.Documents[0].Read, (int)result.Documents[0].Loaded, (int)result.Documents[0].Duplicate));
        Assert.Equal(3, await events.CountAsync("SELECT count(*) FROM events.happenings"));
    }

    [Fact]
    public async Task Has_poison_quarantined_and_forgotten()
    {
        await using var events = await Events.OnAsync("once_poison", Events.ByContent());
        var queue = new QueueInMemory();
        queue.Publish(Says("a"), Says("b") with { IsBad = true });
        queue.Publish("""{"meta": {"id": "c", "at": "yesterday"}, "who": 1}""", "[1]");
        var result = await events.SyncAsync(queue);
        await events.BooksCloseAsync(result);
        Assert.Empty(queue.Waiting);
        Assert.Equal(3, result.Documents[0].Quarantined);
        Assert.Equal(["malformed application/json open", "malformed application/json open", "time application/bson open"], await events.ListAsync("SELECT concat_ws(' ', rule, media_type, state) FROM quality.quarantine ORDER BY 1"));
        await events.SyncAsync(queue); // an empty queue mends nothing
        Assert.Equal(3, await events.CountAsync("SELECT count(*) FROM quality.quarantine WHERE state = 'open'"));
        var reconciled = await events.ReconcileAsync(queue);
        Assert.Equal((Verdict.Reconciled, 4L, 3L), (reconciled.Verdict, reconciled.Tables[0].Documents, reconciled.Tables[0].Quarantined));
    }

    [Fact]
    public async Task Is_reconciled_with_what_is_kept_and_mended_from_there()
    {
        await using var events = await Events.OnAsync("once_kept", Events.ByContent());
        var queue = new QueueInMemory();
        queue.Publish([.. Enumerable.Range(0, 20).Select(i => Says($"e{i}", who: i % 3, at: i, says: i % 7 == 6 ? "gone" : "a"))]);
        await events.SyncAsync(queue);
        var clean = await events.ReconcileAsync(queue);
        Assert.Equal(Verdict.Reconciled, clean.Verdict);
        Assert.Contains("kept in the warehouse: their source cannot be read again", clean.Source);
        Assert.Equal([("happenings", 20L), ("now", 3L), ("states", 20L)], clean.Tables.Select(t => (t.Table.Name, t.Matched)));
        await events.ExecuteAsync("DELETE FROM events.happenings WHERE id = 'e3'; UPDATE events.happenings SET says = 'edited' WHERE id = 'e4'");
        var repaired = await new Repairer(events.Contract, queue, events.Warehouse, TimeProvider.System).RunAsync(new ReconcileOptions(), deleteUnexpected: false, CancellationToken.None);
        Assert.Equal((1L, 1L), (repaired.Before.Tables[0].Missing, repaired.Before.Tables[0].Changed));
        Assert.Equal(Verdict.Reconciled, repaired.After.Verdict);
    }
}
