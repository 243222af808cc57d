namespace Etl.Flattening;

/// <summary>How far documents have moved away from their contract.</summary>
/// <param name="Fields">The most frequent first; at most <see cref="Limit"/>.</param>
/// <param name="BeyondLimit">Elements of further paths, which are counted only together: the list is then not complete, and whoever shows it says so.</param>
public sealed record Drift(IReadOnlyList<DriftField> Fields, long BeyondLimit)
{
    /// <summary>Distinct paths that are told apart. Documents that use values as keys have no end of them.</summary>
    public const int Limit = 1_000;

    public static readonly Drift None = new([], 0);

    /// <summary>Elements that the contract does not describe.</summary>
    public long UndescribedElements => BeyondLimit + Fields.Where(f => !f.IsNewType).Sum(f => f.Count);

    /// <summary>What two workers, batches or datasets' parts saw, as if one had seen it; the first key is this one's.</summary>
    public Drift Merge(Drift other)
    {
        var merged = Fields.Concat(other.Fields).GroupBy(f => (f.Path, f.IsNewType)).Select(g => g.First() with
        {
            Count = g.Sum(f => f.Count),
            Types = [.. g.SelectMany(f => f.Types).Distinct().Order()],
            FirstKey = g.Select(f => f.FirstKey).FirstOrDefault(k => k.Length > 0) ?? "",
        }).ToList();
        return new Drift(Ordered(merged.Take(Limit)), BeyondLimit + other.BeyondLimit + merged.Skip(Limit).Sum(f => f.Count));
    }

    internal static IReadOnlyList<DriftField> Ordered(IEnumerable<DriftField> fields) =>
        [.. fields.OrderByDescending(f => f.Count).ThenBy(f => f.Path, StringComparer.Ordinal)];
}
