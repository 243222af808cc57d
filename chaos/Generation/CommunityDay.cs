namespace Chaos.Generation;

/// <summary>What happens on one simulated day, each list in order of time.</summary>
/// <param name="Groups">Opened at midnight.</param>
/// <param name="SilentThreads">Opened at sign-up by users who never write.</param>
sealed record CommunityDay(
    DateOnly Date,
    IReadOnlyList<CommunityGroup> Groups,
    IReadOnlyList<CommunityUser> Users,
    IReadOnlyList<(DateTimeOffset Date, CommunityThread Thread)> SilentThreads,
    IReadOnlyList<CommunityMessage> Messages)
{
    public DateTimeOffset Start => StartOf(Date);

    public static DateTimeOffset StartOf(DateOnly date) => new(date, TimeOnly.MinValue, TimeSpan.Zero);
}
