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

    /// <summary>Rows that still changed on either side when looking again ended: neither matched nor a difference.</summary>
    public long InFlight { get; set; }

    /// <summary>How long the oldest of them has been seen to differ.</summary>
    public TimeSpan OldestInFlight { get; set; }

    /// <summary>Differences that were reported as found: too many to look at again, or of no document that could be.</summary>
    public long NotLookedAtAgain { get; set; }

    /// <summary>The share of rows that was compared, 0 to 1.</summary>
    public double Coverage { get; set; }

    /// <summary>Of a sample: with 99 % confidence a smaller share of the segments holds a difference; null: all was read, or nothing can be said.</summary>
    public double? Bound { get; set; }

    /// <summary>Where a filter selects: rows of the warehouse that are judged, of all that it has.</summary>
    internal (long Rows, long All)? Judged { get; set; }

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

    /// <summary>Counts a difference, and keeps it as a sample.</summary>
    public void Add(Difference difference)
    {
        switch (difference.Kind)
        {
            case DifferenceKind.Missing:
                Missing++;
                break;
            case DifferenceKind.Unexpected:
                Unexpected++;
                break;
            default:
                Changed++;
                break;
        }
        Unseen += difference.IsUnseen ? 1 : 0;
        // All unexpected rows of a dimension are kept until it is known which of them something refers to; dimensions are small.
        if (Differences.Count < SampleLimit || Table.IsShared && difference.Kind == DifferenceKind.Unexpected)
            Differences.Add(difference);
    }

    /// <summary>Judges by every column of every row that was read.</summary>
    public void JudgeContents()
    {
        Matched = Source - (Missing + Changed - Unseen) - MovingInSource;
        Coverage = Judged is (var rows, > 0 and var all) ? (double)Math.Min(rows, all) / all : 1;
        Verdict = DifferenceCount > 0 ? Verdict.Mismatched : InFlight > 0 ? Verdict.Unknown : Verdict.Reconciled;
        string moving = InFlight == 0 ? "" : $"{InFlight:N0} still changing when looking again ended, the oldest for {OldestInFlight.TotalSeconds:N0} s.";
        string unseen = NotLookedAtAgain == 0 ? "" : $" {NotLookedAtAgain:N0} of them were not looked at again.";
        Reason = Verdict switch
        {
            Verdict.Mismatched => $"{Missing:N0} missing, {Changed:N0} changed, {Unexpected:N0} unexpected.{unseen}{(moving.Length > 0 ? " " + moving : "")}",
            Verdict.Unknown => $"{Table.QualifiedName}: {moving} Run again when less is written, or with a longer --settle.",
            _ => null,
        };
    }

    /// <summary>Judges by segments drawn at random: what was not read is unknown, within a bound.</summary>
    public void JudgeSample(int segments, int read)
    {
        Coverage = (double)read / segments;
        if (Verdict != Verdict.Reconciled)
            return;
        (Verdict, Bound, IsSample) = (Verdict.Unknown, SampleBound.Of(segments, read), true);
        Reason = $"{Table.QualifiedName}: {SampleSentence(segments, read, Bound.Value)}";
    }

    /// <summary>Unknown for no other reason than that not all was read.</summary>
    internal bool IsSample { get; private set; }

    internal static string SampleSentence(int segments, int read, double bound) => read == 0
        ? $"none of {segments:N0} segments was read."
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"no difference in {read:N0} of {segments:N0} segments; with {SampleBound.Confidence:P0} confidence fewer than {bound * 100:0.##} % of the segments hold one.").Replace("99%", "99 %", StringComparison.Ordinal);

    /// <summary>Judges by numbers of rows alone.</summary>
    public void JudgeCounts()
    {
        long compared = Warehouse - HeldBack;
        (Missing, Unexpected) = (Math.Max(0, Source - compared), Math.Max(0, compared - Source));
        Verdict = DifferenceCount == 0 ? Verdict.Unknown : Verdict.Mismatched;
        Reason = DifferenceCount == 0 ? "Only the numbers of rows were compared; they are equal." : $"{Source:N0} rows in the source, {compared:N0} in the warehouse.";
    }

    /// <summary>Of the rows in flight, those that are counted in <see cref="Source"/>.</summary>
    internal long MovingInSource { get; set; }

    /// <summary>Takes the outcome of looking again; the numbers of rows on both sides follow what was seen last.</summary>
    internal void Settle(Suspect suspect, DateTimeOffset found, DateTimeOffset now, Action<Difference> count)
    {
        if (suspect.Outcome == Settled.Gone)
            foreach (var difference in suspect.First.Where(d => !d.IsUnseen))
                // In both now, or in neither; what only the warehouse had came or went there after the boundary.
                (Source, Warehouse) = difference.Kind switch
                {
                    DifferenceKind.Missing => suspect.IsInSource ? (Source, Warehouse + 1) : (Source - 1, Warehouse),
                    DifferenceKind.Changed when !suspect.IsInSource => (Source - 1, Warehouse - 1),
                    DifferenceKind.Unexpected => (Source, Warehouse - 1),
                    _ => (Source, Warehouse),
                };
        else
            (Source, Warehouse) = (Source + InSource(suspect.Now) - InSource(suspect.First), Warehouse + InWarehouse(suspect.Now) - InWarehouse(suspect.First));
        if (suspect.Outcome == Settled.Real)
            foreach (var difference in suspect.Now)
                count(difference);
        else if (suspect.Outcome == Settled.InFlight)
        {
            (InFlight, MovingInSource) = (InFlight + suspect.Now.Count, MovingInSource + InSource(suspect.Now));
            OldestInFlight = now - found > OldestInFlight ? now - found : OldestInFlight;
        }
    }

    static int InSource(IEnumerable<Difference> differences) => differences.Count(d => d.Kind != DifferenceKind.Unexpected && !d.IsUnseen);

    static int InWarehouse(IEnumerable<Difference> differences) => differences.Count(d => d.Kind != DifferenceKind.Missing && !d.IsUnseen);
}
