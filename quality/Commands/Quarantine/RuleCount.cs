namespace Quality.Commands.Quarantine;

/// <param name="Path"><c>[]</c> for the elements of an array.</param>
internal sealed record RuleCount(string Dataset, string Rule, string Path, long Documents, long HeldBack);
