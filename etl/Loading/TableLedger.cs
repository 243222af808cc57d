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

    public void Add(TableLedger other)
    {
        Produced += other.Produced;
        Inserted += other.Inserted;
        Updated += other.Updated;
        Unchanged += other.Unchanged;
        Merged += other.Merged;
        Removed += other.Removed;
    }
}
