namespace Quality.Reports;

/// <summary>What the page shows at most, so that it opens at once whatever went wrong. It always says "n of N".</summary>
public static class ReportLimits
{
    public const int Bytes = 2_000_000;
    /// <summary>Tables in a list; of more, those with differences come first.</summary>
    public const int Tables = 100;

    /// <summary>Pipelines told of in full; of more, what is wrong comes first.</summary>
    public const int Pipelines = 12;

    public const int Differences = 200;
    public const int QuarantineSamples = 200;
    public const int Rules = 50;
    public const int Checks = 100;
    public const int Marts = 100;
    public const int Experiments = 100;
    public const int Runs = 42;
    public const int Rounds = 12; // more than the page shows one after the other, so that it knows whether there were more
    public const int Remarks = 5;
    public const int ThroughputSteps = 60;
    public const int ContractRules = 500;
    public const int Drift = 200;
    public const int Days = 62;
    public const int DictionaryColumns = 1_000;

    /// <summary>Syncs whose books are shown: the latest, and what went before.</summary>
    public const int Syncs = 3;
}
