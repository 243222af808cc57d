using Chaos.Generation;

namespace Chaos.Tests.Generation;

public sealed class A_community_state
{
    static readonly CommunityOptions Options = new() { SignUpsPerDay = 20, Days = 2 };

    static IEnumerable<ObjectId> IdsAfter(CommunityState state)
    {
        var world = new CommunityWorld(Options, state);
        var day = world.Advance();
        return world.RunInvoiceJob(day.Start.AddHours(23)).SelectMany(user => user.Invoices.Select(invoice => invoice.Id).Append(user.Id));
    }

    [Fact]
    public void Of_another_fingerprint_leads_to_other_ids_on_the_same_day()
    {
        var state = new CommunityState(new DateOnly(2020, 6, 5), [], [], 1);
        Assert.Equal(IdsAfter(state), IdsAfter(state));
        Assert.Empty(IdsAfter(state).Intersect(IdsAfter(state with { Fingerprint = 2 })));
    }

    [Fact]
    public async Task Has_another_fingerprint_after_every_change()
    {
        var sink = new MemorySink();
        Assert.Equal(0ul, (await CommunityState.LoadAsync(sink, TestContext.Current.CancellationToken)).Fingerprint);
        await new CommunityGenerator(sink, Options).GenerateDaysAsync(TestContext.Current.CancellationToken);
        var before = await CommunityState.LoadAsync(sink, TestContext.Current.CancellationToken);

        var world = new CommunityWorld(Options, before);
        var documents = new CommunityDocuments();
        var user = world.RunInvoiceJob(new DateTimeOffset(2020, 6, 3, 1, 0, 0, TimeSpan.Zero))[0];
        await sink.UpdateAsync("users", [new(user.Id.ToArray(), documents.ReplaceInvoices(user))]);

        var after = await CommunityState.LoadAsync(sink, TestContext.Current.CancellationToken);
        Assert.NotEqual(before.Fingerprint, after.Fingerprint);
        Assert.Equal(40, after.Users.Count);
        Assert.Equal(new DateOnly(2020, 6, 2), after.NewestSignUp);
    }
}
