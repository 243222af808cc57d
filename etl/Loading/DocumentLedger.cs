namespace Etl.Loading;

/// <summary>The books of one dataset, in documents (promise I1).</summary>
public sealed record DocumentLedger(string Dataset)
{
    public long Read { get; set; }

    /// <summary>Accepted, and at least one of its rows was inserted, updated or removed. Shared dimensions do not count here.</summary>
    public long Loaded { get; set; }

    public long Unchanged { get; set; }
    public long Deleted { get; set; }
    public long Quarantined { get; set; }

    /// <summary>The same content again.</summary>
    public long Duplicate { get; set; }

    /// <summary>An older version than the one kept.</summary>
    public long Superseded { get; set; }

    /// <summary>Outside the selection.</summary>
    public long Filtered { get; set; }

    public bool Balances => Read == Loaded + Unchanged + Deleted + Quarantined + Duplicate + Superseded + Filtered;

    public void Add(DocumentLedger other)
    {
        Read += other.Read;
        Loaded += other.Loaded;
        Unchanged += other.Unchanged;
        Deleted += other.Deleted;
        Quarantined += other.Quarantined;
        Duplicate += other.Duplicate;
        Superseded += other.Superseded;
        Filtered += other.Filtered;
    }
}
