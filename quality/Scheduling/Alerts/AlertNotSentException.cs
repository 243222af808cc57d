namespace Quality.Scheduling.Alerts;

/// <summary>An alert did not go out; it is tried again.</summary>
/// <param name="message">Why, without secrets.</param>
internal sealed class AlertNotSentException(string message, Exception? cause = null) : Exception(message, cause);
