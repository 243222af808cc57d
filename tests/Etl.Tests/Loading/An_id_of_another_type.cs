using Etl.Documents;

namespace Etl.Tests.Loading;

/// <summary>
/// The contract wants ObjectIds, and a string could be written into the same column: but its document is refused, and its place in the order
/// of the source is not where its text would stand in the table.
/// </summary>
public sealed class An_id_of_another_type
{
    static byte[] WithText(string id) => Bson.Make(w => w.Write("_id", id).WriteDateTime("signUpDate", 0));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public async Task Moves_no_border_behind_which_rows_are_removed(int batch)
    {
        await using var community = await Community.OnAsync("ids_border");
        for (int i = 1; i <= 20; i++)
            community.Put(new Person(i));
        for (int i = 0; i < 9; i++) // MongoDB's order has them before every ObjectId, PostgreSQL's behind
            community.Source.Put("users", WithText(new string('f', 23) + i));
        for (int run = 1; run <= 3; run++)
        {
            var result = await community.SyncAsync(batch, null, "users");
            await community.BooksCloseAsync(result);
            Assert.Equal((29L, 9L), (result.Documents[0].Read, result.Documents[0].Quarantined));
            Assert.Equal((run == 1 ? 20L : 0L, 0L), (result.Tables[0].Inserted, result.Tables[0].Removed));
        }
        Assert.Equal(20, (await community.RowsAsync("users")).Count);
    }

    [Fact]
    public async Task That_reads_like_a_good_one_takes_nothing_from_it()
    {
        await using var community = await Community.OnAsync("ids_alike");
        community.Put(new Person(1), new Person(2));
        community.Source.Put("users", WithText(Person.Hex('a', 1)));
        var result = await community.SyncAsync(100, null, "users");
        Assert.Equal((3L, 2L, 1L, 0L), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Quarantined, result.Documents[0].Superseded));
        Assert.Equal(["false"], await community.ListAsync("SELECT held_back::text FROM quality.quarantine"));
        Assert.Equal(2, (await community.RowsAsync("users")).Count);
    }
}
