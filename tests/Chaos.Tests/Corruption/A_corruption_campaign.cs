using Chaos.Corruption;

namespace Chaos.Tests.Corruption;

public sealed class A_corruption_campaign
{
    static readonly CorruptionKind[] Six =
        [CorruptionKind.MissingField, CorruptionKind.NullField, CorruptionKind.WrongType, CorruptionKind.NulInText, CorruptionKind.InvalidValue, CorruptionKind.DuplicateBusinessKey];

    static async Task<List<ReadOnlyMemory<byte>>> UsersAsync() => [.. (await Subjects.DocumentsAsync(Subjects.Dataset("users"))).Select(d => new ReadOnlyMemory<byte>(d))];

    [Fact]
    public async Task Breaks_so_many_of_each_kind_and_no_document_twice()
    {
        var corrupted = new CorruptionCampaign(Subjects.Dataset("users"), 3, Six).Corrupt(await UsersAsync(), 5);
        Assert.All(Six, kind => Assert.Equal(5, corrupted.Count(c => c.Kind == kind)));
        Assert.Equal(30, corrupted.Select(c => c.Key).Distinct().Count());
    }

    [Fact]
    public async Task Chooses_the_same_victims_in_whatever_order_they_come()
    {
        var users = await UsersAsync();
        var first = new CorruptionCampaign(Subjects.Dataset("users"), 3).Corrupt(users, 2);
        users.Reverse();
        var second = new CorruptionCampaign(Subjects.Dataset("users"), 3).Corrupt(users, 2);
        Assert.Equal(first.Select(c => (c.Kind, c.Field, Convert.ToHexString(c.Document))), second.Select(c => (c.Kind, c.Field, Convert.ToHexString(c.Document))));
        Assert.NotEqual(first.Select(c => c.Key), new CorruptionCampaign(Subjects.Dataset("users"), 4).Corrupt(users, 2).Select(c => c.Key));
    }

    [Fact]
    public async Task Breaks_a_share_of_all_documents()
    {
        var users = await UsersAsync();
        var campaign = new CorruptionCampaign(Subjects.Dataset("users"), 3);
        Assert.Empty(campaign.CorruptShare(users, 0));
        Assert.InRange(campaign.CorruptShare(users, 0.25).Count(), users.Count / 8, users.Count * 3 / 8);
        Assert.Equal(users.Count, campaign.CorruptShare(users, 1).Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => campaign.CorruptShare(users, 1.5));
    }
}
