namespace Quality.Reports;

/// <summary>What the documents of a run held that the contract does not know.</summary>
/// <param name="Run">The sync that looked; null: none has.</param>
/// <param name="Read">Documents that it read.</param>
/// <param name="Found">Entries in the journal; <paramref name="Entries"/> may be fewer.</param>
public sealed record DriftFacts(long? Run, long Read, long Found, IReadOnlyList<DriftEntry> Entries)
{
    public static readonly DriftFacts None = new(null, 0, 0, []);
}
