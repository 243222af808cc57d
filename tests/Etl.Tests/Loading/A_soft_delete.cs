using Etl.Loading;

namespace Etl.Tests.Loading;

/// <summary><c>deletes: soft</c>: a row whose source is gone stays, marked by <c>_deleted_at</c>, and is counted out everywhere.</summary>
public sealed class A_soft_delete
{
    static readonly Plan Plan = new("1", "a", 1);

    static Person With(int person, params int[] invoices) => new(person) { Subscription = new(person, Plan) { Invoices = [.. invoices.Select(i => new Invoice(i, 1))] } };

    static async Task<Community> FilledAsync(string test)
    {
        var community = await Community.OnAsync($"soft_{test}");
        community.Contract = Community.DeletingSoftly();
        community.Put(With(1, 10), With(2, 20, 21), With(3));
        await community.BooksCloseAsync(await community.SyncAsync(2, null, "users"));
        return community;
    }

    static TableLedger Books(SyncResult result, string table) => result.Tables.Single(t => t.Table.Name == table);

    [Fact]
    public async Task That_the_contract_no_longer_wants_takes_the_kept_rows_with_it()
    {
        await using var community = await FilledAsync("hardened");
        community.Source.Remove("users", new Person(2).Position);
        await community.SyncAsync(2, null, "users");
        community.Contract = Etl.Contracts.ContractReader.Read(Community.Folder);
        community.Put(With(2, 20)); // and it is back
        var result = await community.SyncAsync(2, null, "users");
        await community.BooksCloseAsync(result);
        await community.HoldsAsync(With(1, 10), With(2, 20), With(3));
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM community.users WHERE _deleted_at IS NOT NULL"));
        Assert.Equal(1, Books(result, "users").Inserted);
    }

    /// <summary>To find the kept rows takes a look at every row: so it is done when the contract has changed, not at every sync.</summary>
    [Fact]
    public async Task That_the_contract_no_longer_wants_is_looked_for_once_after_each_change()
    {
        await using var community = await FilledAsync("hardened_once");
        var (soft, hard) = (community.Contract, Etl.Contracts.ContractReader.Read(Community.Folder));
        Task<long> MarkedAsync() => community.CountAsync("SELECT count(*) FROM community.users WHERE _deleted_at IS NOT NULL");
        async Task SyncAsync(Etl.Contracts.Contract contract)
        {
            community.Contract = contract;
            var result = await community.SyncAsync(2, null, "users");
            await community.BooksCloseAsync(result);
            if (contract == hard) // what was only kept went before anything was read; else it would be removed as gone, a second time
                Assert.All(result.Tables, t => Assert.Equal(0, t.Removed));
        }

        community.Source.Remove("users", new Person(2).Position);
        await SyncAsync(soft);
        Assert.Equal(1, await MarkedAsync());
        await SyncAsync(hard);
        Assert.Equal(0, await MarkedAsync());
        await community.ExecuteAsync($"UPDATE community.users SET _deleted_at = now() WHERE user_id = '{Person.Hex('a', 1)}'");
        await SyncAsync(hard);
        await SyncAsync(hard);
        Assert.Equal(1, await MarkedAsync()); // nobody looked, and to this contract the mark means nothing
        await community.HoldsAsync(With(1, 10), With(3));

        // Kept again, by a sync, and by a repair, which begins no scan.
        await SyncAsync(soft);
        community.Source.Remove("users", new Person(3).Position);
        await SyncAsync(soft);
        Assert.Equal(1, await MarkedAsync());
        await SyncAsync(hard);
        Assert.Equal(0, await MarkedAsync());
        community.Put(With(3));
        await SyncAsync(hard);
        community.Source.Remove("users", new Person(3).Position);
        await new Quality.Reconciliation.Repairer(soft, community.Source, community.Warehouse, TimeProvider.System)
            .RunAsync(new Quality.Reconciliation.ReconcileOptions { Datasets = [soft.Datasets[0]] }, deleteUnexpected: true, CancellationToken.None);
        Assert.Equal(1, await MarkedAsync());
        await SyncAsync(hard);
        Assert.Equal(0, await MarkedAsync());
        await community.HoldsAsync(With(1, 10));
    }

    [Fact]
    public async Task Keeps_the_row_and_counts_it_out()
    {
        await using var community = await FilledAsync("keeps");
        community.Source.Remove("users", new Person(2).Position);
        community.Put(With(1)); // an invoice vanished with nobody gone
        var result = await community.SyncAsync(2, null, "users");
        await community.BooksCloseAsync(result);
        await community.HoldsAsync(With(1), With(3));
        Assert.Equal((3L, 2L, 1L), (Books(result, "users").RowsBefore!.Value, Books(result, "users").RowsAfter!.Value, Books(result, "users").Removed));
        Assert.Equal((3L, 0L, 3L), (Books(result, "invoices").RowsBefore!.Value, Books(result, "invoices").RowsAfter!.Value, Books(result, "invoices").Removed));
        Assert.Equal([Person.Hex('a', 2)], await community.ListAsync("SELECT user_id FROM community.users WHERE _deleted_at IS NOT NULL AND _hash IS NULL AND _loaded_at <= _deleted_at"));
        Assert.Equal(["community.invoices", "community.invoices", "community.invoices", "community.subscriptions", "community.users"], await community.ListAsync("SELECT table_name FROM quality.tombstones ORDER BY 1"));
        Assert.Equal(2, Assert.Single(result.Checks, c => c.Rule == "unique").Failing); // of three with one reference, one is only kept
        var judged = await community.ReconcileAsync("users");
        Assert.True(judged.Verdict == Verdict.Reconciled, judged.Reason);
        Assert.Equal(2, judged.Tables[0].Warehouse);
        await community.NothingChangesAsync(1, "users");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_taken_back_as_an_insert_when_the_document_returns(bool changed)
    {
        await using var community = await FilledAsync("returns");
        community.Source.Remove("users", new Person(2).Position);
        await community.SyncAsync(2, null, "users");
        var back = changed ? With(2, 20, 21) with { Age = 50 } : With(2, 20, 21);
        community.Put(back);
        var result = await community.SyncAsync(2, null, "users");
        await community.BooksCloseAsync(result);
        await community.HoldsAsync(With(1, 10), back, With(3));
        Assert.Equal((1L, 0L, 2L, 3L), (Books(result, "users").Inserted, Books(result, "users").Updated, Books(result, "users").RowsBefore!.Value, Books(result, "users").RowsAfter!.Value));
        Assert.Equal(2, Books(result, "invoices").Inserted);
        Assert.Equal(1, result.Documents[0].Loaded);
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM community.users WHERE _deleted_at IS NOT NULL"));
    }

    [Fact]
    public async Task Frees_its_key_for_another_document()
    {
        await using var community = await FilledAsync("frees");
        community.Source.Remove("users", new Person(2).Position);
        await community.SyncAsync(2, null, "users");
        community.Put(With(3, 20));
        await community.BooksCloseAsync(await community.SyncAsync(2, null, "users"));
        await community.HoldsAsync(With(1, 10), With(3, 20));
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.quarantine"));
    }

    /// <summary>Its hash still says that it is as the document has it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task By_hand_is_undone(bool carefully)
    {
        await using var community = await FilledAsync("by_hand");
        if (carefully)
            await community.ExecuteAsync("CREATE OR REPLACE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN coalesce(NEW, OLD); END'; CREATE TRIGGER pass BEFORE UPDATE ON community.users FOR EACH ROW EXECUTE FUNCTION pass()");
        await community.ExecuteAsync($"UPDATE community.users SET _deleted_at = now() WHERE user_id = '{Person.Hex('a', 2)}'");
        var result = await community.SyncAsync(2, null, "users");
        await community.BooksCloseAsync(result);
        Assert.Equal((1L, 0L, 2L), (Books(result, "users").Inserted, Books(result, "users").Updated, Books(result, "users").Unchanged));
        await community.HoldsAsync(With(1, 10), With(2, 20, 21), With(3));
    }
}
