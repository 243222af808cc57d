namespace Quality.Commands;

/// <summary>A sync was asked to stop, and did; the message says what is durable.</summary>
internal sealed class InterruptedSyncException(string message, Exception inner) : OperationCanceledException(message, inner);
