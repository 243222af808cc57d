namespace Quality.Scheduling.Alerts;

/// <summary>Why somebody is told, as the journal writes it.</summary>
internal static class AlertKinds
{
    public const string Failure = "failure", Reminder = "reminder", Recovery = "recovery";
}
