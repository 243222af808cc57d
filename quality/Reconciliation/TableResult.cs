using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;

namespace Quality.Reconciliation;

/// <summary>How one table compares with its source.</summary>
public sealed record TableResult(Table Table)
{
    /// <summary>Rows that accepted documents give.</summary>
    public long Source { get; set; }

    /// <summary>Rows in the table.</summary>
    public long Warehouse { get; set; }

    /// <summary>Rows of the table in which a column is NULL, by its name; null: the table was not read.</summary>
    public IReadOnlyDictionary<string, long>? Nulls { get; set; }

    /// <summary>Documents in quarantine, on the dataset's root table only.</summary>
    public long Quarantined { get; set; }

    /// <summary>Documents read from the source, where several may speak of one key; on the dataset's root table only.</summary>
    public long? Documents { get; set; }

    /// <summary>Documents that say what a counted one says of its key.</summary>
    public long Duplicate { get; set; }

    /// <summary>Documents of a lower version than the one that counts.</summary>
    public long Superseded { get; set; }

    /// <summary>By day, where the source is asked day by day; on the dataset's root table only.</summary>
    public IReadOnlyList<DayBooks> Days { get; set; } = [];

    /// <summary>Rows left out because a newer version of their document is in quarantine.</summary>
    public long HeldBack { get; set; }

    /// <summary>Rows of a shared dimension that nothing refers to.</summary>
    public long Unreferenced { get; set; }

    public long Missing { get; set; }
    public long Unexpected { get; set; }
    public long Changed { get; set; }
    public long Matched { get; set; }

    /// <summary>Documents that the contract refuses and no quarantine holds; each is missing or changed.</summary>
    public long Unseen { get; set; }

    /// <summary>The share of rows that was compared, 0 to 1.</summary>
    public double Coverage { get; set; }

    public Verdict Verdict { get; set; } = Verdict.Unknown;

    /// <summary>Why, when the verdict is not Reconciled.</summary>
    public string? Reason { get; set; }

    /// <summary>Sums over both sides' rows, independent of their order.</summary>
    public Hash128 SourceHash { get; set; }
    public Hash128 WarehouseHash { get; set; }

    public TimeSpan Took { get; set; }

    /// <summary>A sample, up to <see cref="SampleLimit"/>.</summary>
    public List<Difference> Differences { get; } = [];

    /// <summary>Differences kept for the report, per table; the counts are exact all the same.</summary>
    public const int SampleLimit = 1_000;

    public long DifferenceCount => Missing + Unexpected + Changed;
}
