namespace Chaos.Generation;

/// <summary>What was made of product events.</summary>
/// <param name="ToldAgain">Events among them whose key another one has, with another content.</param>
/// <param name="Days">Days with events.</param>
/// <param name="Folder">Where they lie.</param>
public sealed record ProductEventSummary(long Events, long ToldAgain, int Days, int EmptyDays, DateOnly FirstDay, DateOnly LastDay, string Folder)
{
    internal ProductEventSummary With((int Events, int ToldAgain) day) => this with { Events = Events + day.Events, ToldAgain = ToldAgain + day.ToldAgain, Days = Days + 1 };
}
