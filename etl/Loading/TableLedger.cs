using Etl.Contracts;

namespace Etl.Loading;

/// <summary>The books of one table, in rows.</summary>
public sealed record TableLedger(Table Table)
{
    /// <summary>Rows that accepted documents gave.</summary>
    public long Produced { get; set; }

    public long Inserted { get; set; }
    public long Updated { get; set; }
    public long Unchanged { get; set; }

    /// <summary>Rows that became one with another document's: shared dimensions only.</summary>
    public long Merged { get; set; }

    public long Removed { get; set; }

    /// <summary>Rows in the table before and after the run; null until counted.</summary>
    public long? RowsBefore { get; set; }
    public long? RowsAfter { get; set; }

    public bool Balances => Produced == Inserted + Updated + Unchanged + Merged;

    public bool TableBalances => RowsAfter is null || RowsAfter == RowsBefore + Inserted - Removed;

    /// <param name="times">−1: takes it out again.</param>
    public void Add(TableLedger other, int times = 1)
    {
        Produced += times * other.Produced;
        Inserted += times * other.Inserted;
        Updated += times * other.Updated;
        Unchanged += times * other.Unchanged;
        Merged += times * other.Merged;
        Removed += times * other.Removed;
    }

    /// <summary>
    /// This reading's books, where an earlier one of the same run wrote into the table before: the rows are this reading's, and those that the
    /// earlier one had inserted or updated count as that. What is inserted less what is removed stays the sum of both.
    /// </summary>
    public TableLedger Following(TableLedger earlier)
    {
        var both = this with { Inserted = Inserted + earlier.Inserted, Updated = Updated + earlier.Updated, Removed = Removed + earlier.Removed };
        both.Unchanged = Produced - Merged - both.Inserted - both.Updated;
        // Written in one reading and written or removed in the next: once is enough.
        long twice = Math.Clamp(-both.Unchanged, 0, both.Updated);
        (both.Updated, both.Unchanged) = (both.Updated - twice, both.Unchanged + twice);
        long gone = Math.Clamp(-both.Unchanged, 0, Math.Min(both.Inserted, both.Removed));
        (both.Inserted, both.Removed, both.Unchanged) = (both.Inserted - gone, both.Removed - gone, both.Unchanged + gone);
        // Rows of documents that were good in the earlier reading only: they stay, and somebody gave them.
        long held = Math.Max(0, -both.Unchanged);
        (both.Produced, both.Unchanged) = (both.Produced + held, both.Unchanged + held);
        return both;
    }
}
