using Etl.Documents;
using Etl.Flattening;
using Etl.Loading;

namespace Etl.Tests.Loading;

/// <summary>Bytes that never became a document: they come through the same door, are counted as read, and kept as they are.</summary>
public sealed class A_refused_piece
{
    static readonly byte[] Broken = [.. "{\"_id\": 2, \"age\":"u8];

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Is_quarantined_with_its_bytes_and_media_type_until_it_is_mended(int batch)
    {
        await using var community = await Community.OnAsync("piece_kept");
        community.Put(new Person(1), new Person(3));
        community.Source.PutRefused("users", new Person(2).Position, Broken, "application/json", "line 7 ends in the middle of a value");
        var result = await community.SyncAsync(batch, null, "users");
        await community.BooksCloseAsync(result);
        Assert.Equal((3L, 2L, 1L), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Quarantined));
        await community.HoldsAsync(new Person(1), new Person(3));
        Assert.Equal([$"application/json malformed {Convert.ToHexStringLower(Broken)} line 7 ends in the middle of a value false"],
            await community.ListAsync("SELECT concat_ws(' ', media_type, rule, encode(document, 'hex'), reason, held_back::text) FROM quality.quarantine WHERE state = 'open'"));
        var judged = await community.ReconcileAsync("users");
        Assert.True(judged.Verdict == Verdict.Reconciled, judged.Reason);
        Assert.Equal((1L, 2L, 2L), (judged.Tables[0].Quarantined, judged.Tables[0].Source, judged.Tables[0].Warehouse));
        await community.NothingChangesAsync(batch, "users");

        community.Put(new Person(2));
        await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
        await community.HoldsAsync(new Person(1), new Person(2), new Person(3));
        Assert.Empty(await community.QuarantineAsync());
    }

    /// <summary>Promise I7: where its place names a document, that document's last good rows stay.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Holds_back_the_rows_of_the_document_that_it_was(int batch)
    {
        await using var community = await Community.OnAsync("piece_held_back");
        community.Put(new Person(1), new Person(2), new Person(3));
        await community.SyncAsync(batch, null, "users");
        community.Source.PutRefused("users", new Person(2).Position, Broken, "application/json", "cut short");
        await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
        await community.HoldsAsync(new Person(1), new Person(2), new Person(3));
        Assert.Equal(["true"], await community.ListAsync("SELECT held_back::text FROM quality.quarantine WHERE state = 'open'"));
        var judged = await community.ReconcileAsync("users");
        Assert.True(judged.Verdict == Verdict.Reconciled, judged.Reason);
    }

    /// <summary>A queue's messages, say: without a place there is only what they hold.</summary>
    [Fact]
    public async Task Without_a_place_is_known_by_its_bytes()
    {
        await using var community = await Community.OnAsync("piece_nowhere");
        community.Put(new Person(1));
        community.Source.PutRefused("users", Bson.Make(_ => { }), Broken, "text/plain", "no JSON");
        await community.BooksCloseAsync(await community.SyncAsync(10, null, "users"));
        await community.NothingChangesAsync(10, "users");
        Assert.Equal([$"bytes {Hash128.Of(Broken).ToGuid():n}"], await community.ListAsync("SELECT document_key FROM quality.quarantine"));
    }
}
