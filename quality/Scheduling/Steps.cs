namespace Quality.Scheduling;

/// <summary>What a chain does, in this order.</summary>
internal static class Steps
{
    public const string Sync = "sync", Marts = "marts", Reconcile = "reconcile", Report = "report";

    /// <summary>Not a step of a chain: that chains can be run at all.</summary>
    public const string Schedule = "schedule";
}
