namespace Chaos.Generation;

/// <summary>What the made-up CRM has sent.</summary>
/// <param name="Published">All messages: events, repetitions, poison.</param>
/// <param name="Events">Different events that are as they should be.</param>
/// <param name="Late">Events, among them, that were sent on a day after their own.</param>
/// <param name="FirstDay">The first simulated day; null before there was one.</param>
public sealed record CrmSummary(
    long Published, long Events, long Created, long Updated, long Deleted, long Recreated, long Repeated, long Late, long Poison, long Faulty,
    int Organizations, DateOnly? FirstDay, DateOnly? LastDay)
{
    public static readonly CrmSummary None = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null);

    /// <summary>With the messages of one more day.</summary>
    public CrmSummary With(DateOnly day, IReadOnlyList<CrmMessage> messages)
    {
        int Of(CrmKind kind) => messages.Count(m => m.Kind == kind);
        int events = messages.Count(m => m.Kind <= CrmKind.Recreated);
        return this with
        {
            Published = Published + messages.Count,
            Events = Events + events,
            Created = Created + Of(CrmKind.Created),
            Updated = Updated + Of(CrmKind.Updated),
            Deleted = Deleted + Of(CrmKind.Deleted),
            Recreated = Recreated + Of(CrmKind.Recreated),
            Repeated = Repeated + Of(CrmKind.Repeated),
            Late = Late + messages.Count(m => m.Kind <= CrmKind.Recreated && m.Day < day),
            Poison = Poison + Of(CrmKind.Poison),
            Faulty = Faulty + Of(CrmKind.Faulty),
            FirstDay = FirstDay ?? day,
            LastDay = day,
        };
    }
}
