namespace Chaos.Generation;

/// <summary>What was written into an inbox, in events.</summary>
/// <param name="WithoutUser">Events of cards that lack <c>user_id</c>.</param>
/// <param name="HalfWritten">Files that were left half-written.</param>
public sealed record CardsSummary(long Users, long Creations, long Changes, long WithoutUser, long HalfWritten, DateOnly? FirstDay, DateOnly? LastDay);
