namespace Quality.Reports;

/// <param name="BusySeconds">Time that batches took, summed: more than the time that went by where several were in hand at once.</param>
/// <param name="FirstStep">The step in which its first batch began.</param>
/// <param name="LastStep">The step in which its last batch was committed.</param>
/// <param name="DocumentsPerSecond">Of each step.</param>
/// <param name="RowsPerSecond">Of each step.</param>
public sealed record DatasetThroughput(
    string Dataset, long Batches, long Documents, long Rows, double Seconds, double BusySeconds, int FirstStep, int LastStep,
    IReadOnlyList<double> DocumentsPerSecond, IReadOnlyList<double> RowsPerSecond);
