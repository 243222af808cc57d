namespace Quality.Sandbox;

/// <summary>What must come of the events that a generator made.</summary>
/// <param name="Rows">Different good events.</param>
/// <param name="Refused">Events and messages that the contract does not allow.</param>
public sealed record ExpectedEvents(long Rows, long Refused);
