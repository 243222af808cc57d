using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Loading;

public sealed class A_table_of_another_pipeline
{
    /// <summary>The shipped contract, copied, its name changed and its schema not: each sync once removed what the other had loaded, and called it reconciled.</summary>
    [Fact]
    public async Task Is_left_alone()
    {
        await using var community = await Community.OnAsync("pipelines_two");
        var ours = community.Contract;
        community.Put(A_sync.People);
        await community.SyncAsync(2, null, "users");
        community.Contract = A_sync.Edited(text => text.Replace("\nname: community\n", "\nname: copy\n"));
        foreach (var person in A_sync.People)
            community.Source.Remove("users", person.Position);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(2, null, "users"));
        Assert.Contains("Table community.users is filled by pipeline 'community' (run 1); pipeline 'copy' would remove its rows.", failure.Message);
        await community.HoldsAsync(A_sync.People);
        community.Contract = ours;
        community.Put(A_sync.People);
        await community.NothingChangesAsync(2, "users");

        // A pipeline that has a new name takes the tables over once they are dropped.
        await community.ExecuteAsync("DROP SCHEMA community CASCADE");
        community.Contract = A_sync.Edited(text => text.Replace("\nname: community\n", "\nname: copy\n"));
        await community.BooksCloseAsync(await community.SyncAsync(2, null, "users"));
        await community.HoldsAsync(A_sync.People);
    }
}
