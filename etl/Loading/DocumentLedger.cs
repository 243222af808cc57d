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

    /// <param name="times">−1: takes it out again.</param>
    public void Add(DocumentLedger other, int times = 1)
    {
        Read += times * other.Read;
        Loaded += times * other.Loaded;
        Unchanged += times * other.Unchanged;
        Deleted += times * other.Deleted;
        Quarantined += times * other.Quarantined;
        Duplicate += times * other.Duplicate;
        Superseded += times * other.Superseded;
        Filtered += times * other.Filtered;
    }

    /// <summary>This reading's books, where an earlier one of the same run had loaded so many documents already: what is unchanged since is loaded all the same.</summary>
    public DocumentLedger Following(long loaded)
    {
        long known = Math.Min(loaded, Unchanged);
        return this with { Loaded = Loaded + known, Unchanged = Unchanged - known };
    }
}
