namespace Quality.Scheduling.Alerts;

/// <summary>A message that one channel has still to send, and that one process has taken upon itself.</summary>
/// <param name="Attempt">Which this is, from 1.</param>
internal sealed record Delivery(long Id, string Channel, int Attempt, AlertMessage Message);
