namespace Quality.Reports;

/// <summary>What became of the documents that a source gave for one day.</summary>
/// <param name="Day">UTC, as 2024-01-31.</param>
/// <param name="Source">Documents that a row must be made of.</param>
/// <param name="Unseen">Refused, and in no quarantine.</param>
public sealed record SourceDay(string Day, long Documents, long Source, long Quarantined, long Unseen, long Duplicate, long Superseded)
{
    public long Off => Documents - Source - Quarantined - Unseen - Duplicate - Superseded;
}
