using Etl.Contracts;
using Etl.Documents;

namespace Etl.Tests.Loading;

/// <summary>
/// A collection can be made with a collation; then MongoDB gives its documents in that order, unless asked for another. Rows whose documents are
/// gone are found by the order of bytes: a sync that believed in it once removed rows of documents that were there, and called it reconciled.
/// </summary>
public sealed class A_collation
{
    static readonly string[] Ids = ["a", "B", "c", "D", "e", "F", "Z"];

    static byte[] User(string id) => Bson.Make(w => w.Write("_id", id).WriteDateTime("signUpDate", 0));

    static async Task<Community> WithTextIdsAsync(string test)
    {
        var community = await Community.OnAsync(test);
        community.Contract = A_sync.Edited(text => text.Replace("The user, for life.\n        logicalType: string\n        physicalType: objectId", "The user, for life.\n        logicalType: string"));
        foreach (string id in Ids)
            community.Source.Put("users", User(id));
        return community;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Removes_no_rows_of_documents_that_are_there(int batch)
    {
        await using var community = await WithTextIdsAsync("collation_kept");
        await community.SyncAsync(batch, null, "users");
        community.Source.Drop("users");
        community.Source.HasCollation = true;
        foreach (string id in Ids)
            community.Source.Put("users", User(id));
        var failure = await Record.ExceptionAsync(() => community.SyncAsync(batch, null, "users"));
        Assert.Equal(Ids.Order(StringComparer.Ordinal), await community.ListAsync("SELECT user_id FROM community.users ORDER BY 1"));
        Assert.Contains("collation", Assert.IsType<UnavailableException>(failure).Message);
    }
}
