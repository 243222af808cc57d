namespace Quality.Commands.Quarantine;

/// <summary>One line of the quarantine, as <c>list --json</c> prints it.</summary>
/// <param name="Document">Its key as canonical Extended JSON, or its position where it has none.</param>
/// <param name="HeldBack">An older, good version of it stays in the tables.</param>
internal sealed record QuarantineEntry(
    long Id, string Dataset, string Document, string Rule, string Path, string Reason, bool HeldBack, string State, long FirstRun, long LastRun, DateTimeOffset FirstSeen, DateTimeOffset LastSeen);
