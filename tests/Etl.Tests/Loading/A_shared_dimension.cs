namespace Etl.Tests.Loading;

public sealed class A_shared_dimension
{
    static Person On(int person, string description) => new(person) { Subscription = new(person, new("1", description, person)) };

    [Fact]
    public async Task Takes_one_of_disputed_values_whatever_the_batches_and_keeps_it()
    {
        var winners = new List<string>();
        foreach (int batch in (int[])[1, 2, 3, 10])
        {
            await using var community = await Community.OnAsync($"shared_{batch}");
            community.Put(On(1, "one"), On(2, "two"), On(3, "three"), new Person(4), On(1, "one") with { Id = 5, Subscription = new(5, new("1", "one", 1)) });
            var result = await community.SyncAsync(batch, null, "users");
            await community.BooksCloseAsync(result);
            var disputed = Assert.Single(result.Checks, c => c.Rule == "disputed");
            Assert.Equal(("community.plans", 1L, 3L), (disputed.Table, disputed.Failing, Assert.Single(disputed.Sample).Rows));
            Assert.Equal((4, 3, 1), result.Tables.Where(t => t.Table.Name == "plans").Select(t => ((int)t.Produced, (int)t.Merged, (int)t.Inserted)).Single());
            winners.Add(Assert.Single(await community.RowsAsync("plans")));
            await community.NothingChangesAsync(batch, "users");
        }
        Assert.Single(winners.Distinct());
    }

    [Fact]
    public async Task Follows_its_documents()
    {
        await using var community = await Community.OnAsync("shared_follows");
        community.Put(On(1, "old"));
        await community.SyncAsync(2, null, "users");
        community.Put(On(1, "new"));
        var result = await community.SyncAsync(2, null, "users");
        await community.BooksCloseAsync(result);
        Assert.Equal(1, result.Tables.Single(t => t.Table.Name == "plans").Updated);
        Assert.Equal([new Plan("1", "new", 1).Row], await community.RowsAsync("plans"));
    }

    [Fact]
    public async Task Is_settled_by_the_run_that_ends_an_interrupted_scan()
    {
        await using var community = await Community.OnAsync("shared_resumed");
        community.Put(On(1, "one"), On(2, "two"), On(3, "three"));
        community.Source.FailAfter = 2;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(1, null, "users"));
        Assert.Empty(await community.RowsAsync("plans"));
        community.Source.FailAfter = null;
        var result = await community.SyncAsync(1, null, "users");
        await community.BooksCloseAsync(result);
        Assert.Equal(3, Assert.Single(result.Checks, c => c.Rule == "disputed").Sample[0].Rows);
        Assert.Single(await community.RowsAsync("plans"));
        await community.NothingChangesAsync(2, "users");
    }

    [Fact]
    public async Task Does_not_tell_a_disputed_key_that_is_personal()
    {
        await using var community = await Community.OnAsync("shared_personal");
        community.Contract = A_sync.Edited(text => text.Replace("The plan's number, a text of digits.\n", "The plan's number.\n                classification: pii\n"));
        community.Put(On(1, "one") with { Subscription = new(1, new("Geheim", "one", 1)) }, On(2, "two") with { Subscription = new(2, new("Geheim", "two", 1)) });
        var result = await community.SyncAsync(10, null, "users");
        Assert.Equal("***", Assert.Single(Assert.Single(result.Checks, c => c.Rule == "disputed").Sample).Value);
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.checks WHERE sample::text LIKE '%Geheim%'"));
    }

    [Fact]
    public async Task Does_not_hear_refused_documents()
    {
        await using var community = await Community.OnAsync("shared_refused");
        community.Put(On(1, "good"), On(2, "bad") with { IsBad = true });
        await community.BooksCloseAsync(await community.SyncAsync(1, null, "users"));
        Assert.Equal([new Plan("1", "good", 1).Row], await community.RowsAsync("plans"));
    }
}
