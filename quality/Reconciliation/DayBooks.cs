namespace Quality.Reconciliation;

/// <summary>What became of the documents that a source gave for one of its days.</summary>
/// <param name="Day">UTC, as 2024-01-31.</param>
public sealed record DayBooks(string Day)
{
    /// <summary>Read from the source.</summary>
    public long Documents { get; set; }

    /// <summary>Those that a row of the warehouse must be made of.</summary>
    public long Source { get; set; }

    public long Quarantined { get; set; }

    /// <summary>Refused, and in no quarantine.</summary>
    public long Unseen { get; set; }

    public long Duplicate { get; set; }

    public long Superseded { get; set; }

    public bool Balances => Documents == Source + Quarantined + Unseen + Duplicate + Superseded;
}
