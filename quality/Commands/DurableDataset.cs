namespace Quality.Commands;

/// <summary>How far a dataset's scan is committed.</summary>
/// <param name="Documents">Read in this scan and accounted for, by this run or by one that it went on from.</param>
/// <param name="Complete">To its end.</param>
internal sealed record DurableDataset(string Dataset, long Documents, bool Complete)
{
    public override string ToString() => Complete ? $"{Dataset} (complete)" : $"{Dataset} ({Terminal.Count(Documents)} documents so far)";
}
