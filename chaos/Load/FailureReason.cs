namespace Chaos.Load;

public sealed record FailureReason(string Reason, long Count);
