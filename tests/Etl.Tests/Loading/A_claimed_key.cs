namespace Etl.Tests.Loading;

/// <summary>A subscription or invoice that two users claim: the first in the scan's order keeps it.</summary>
public sealed class A_claimed_key
{
    static readonly Plan Plan = new("1", "a", 1);

    static Person With(int person, int subscription, params int[] invoices) =>
        new(person) { Subscription = new(subscription, Plan) { Invoices = [.. invoices.Select(i => new Invoice(i, 1))] } };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public async Task Belongs_to_the_first_in_the_scan(int batch)
    {
        await using var community = await Community.OnAsync($"claim_first_{batch}");
        community.Put(With(1, 1), With(2, 1), With(3, 3));
        var result = await community.SyncAsync(batch, null, "users");
        await community.BooksCloseAsync(result);
        await community.HoldsAsync(With(1, 1), With(3, 3));
        Assert.Equal([$"keyConflict subscriptions._id {Person.Hex('a', 2)}"],
            await community.ListAsync("SELECT concat_ws(' ', rule, path, document_key::jsonb->>'$oid') FROM quality.quarantine"));
        await community.NothingChangesAsync(batch, "users");
    }

    /// <summary>Who is refused himself claims nothing, in however many tables.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Is_free_when_its_claimant_was_refused(int batch)
    {
        await using var community = await Community.OnAsync($"claim_free_{batch}");
        var people = new[] { With(1, 1, 1), With(2, 2, 1, 2), With(3, 3, 2, 3), With(4, 2, 4), With(5, 5, 4), With(6, 5, 6) };
        community.Put(people); // 2 is refused for invoice 1: so 3 has invoice 2, and 4 subscription 2; 5 is refused for invoice 4: so 6 has subscription 5
        await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
        await community.HoldsAsync(people[0], people[2], people[3], people[5]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public async Task Stays_with_a_refused_document_that_comes_earlier(int batch)
    {
        await using var community = await Community.OnAsync($"claim_held_{batch}");
        community.Put(With(1, 1, 1), new Person(2));
        await community.SyncAsync(batch, null, "users");
        community.Put(With(1, 1, 1) with { IsBad = true }, With(2, 1, 2));
        await community.SyncAsync(batch, null, "users");
        await community.HoldsAsync(With(1, 1, 1), new Person(2));
    }

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 2, 10)]
    [InlineData(2, 1, 10)]
    public async Task Moves_from_one_user_to_another(int from, int to, int batch)
    {
        await using var community = await Community.OnAsync($"claim_moves_{from}_{batch}");
        community.Put(With(from, 1, 1), new Person(to));
        await community.SyncAsync(batch, null, "users");
        community.Put(new Person(from), With(to, 1, 1));
        await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
        await community.HoldsAsync([.. new[] { new Person(from), With(to, 1, 1) }.OrderBy(p => p.Id)]);
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.quarantine"));
        await community.NothingChangesAsync(batch, "users");
    }

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 2, 10)]
    [InlineData(2, 1, 10)]
    public async Task Moves_from_a_user_who_is_gone(int from, int to, int batch)
    {
        await using var community = await Community.OnAsync($"claim_gone_{from}_{batch}");
        community.Put(With(from, 1, 1), new Person(to));
        await community.SyncAsync(batch, null, "users");
        community.Source.Remove("users", new Person(from).Position);
        community.Put(With(to, 1, 1));
        await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
        await community.HoldsAsync(With(to, 1, 1));
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.quarantine"));
    }

    [Fact]
    public async Task Twice_in_one_document_is_refused()
    {
        await using var community = await Community.OnAsync("claim_twice");
        community.Put(With(1, 1, 4, 4), With(2, 2, 5));
        await community.BooksCloseAsync(await community.SyncAsync(1, null, "users"));
        await community.HoldsAsync(With(2, 2, 5));
        Assert.Equal(["keyConflict"], await community.ListAsync("SELECT rule FROM quality.quarantine"));
    }

    [Fact]
    public async Task Swaps_between_two_users()
    {
        foreach (int batch in (int[])[1, 2])
        {
            await using var community = await Community.OnAsync($"claim_swaps_{batch}");
            community.Put(With(1, 1, 1), With(2, 2, 2));
            await community.SyncAsync(batch, null, "users");
            community.Put(With(1, 2, 2), With(2, 1, 1));
            await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
            await community.HoldsAsync(With(1, 2, 2), With(2, 1, 1));
        }
    }
}
