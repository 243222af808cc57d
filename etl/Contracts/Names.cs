namespace Etl.Contracts;

/// <summary>Near names, for people who mistype one.</summary>
public static class Names
{
    /// <summary>" Did you mean 'x'?", or the known names when there are few, or nothing.</summary>
    public static string DidYouMean(string name, IReadOnlyCollection<string> known)
    {
        const int fewEnoughToList = 12;
        var near = Nearest(name, known);
        return near.Count > 0 ? $" Did you mean {string.Join(" or ", near.Select(n => $"'{n}'"))}?"
            : known.Count is > 0 and <= fewEnoughToList ? $" Known: {string.Join(", ", known.Order(StringComparer.Ordinal))}."
            : "";
    }

    /// <summary>Up to three known names within a third of the name's length in edits, the nearest first.</summary>
    public static IReadOnlyList<string> Nearest(string name, IEnumerable<string> known) =>
        [.. known
            .Select(candidate => (candidate, distance: Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(x => x.distance <= Math.Max(1, Math.Max(name.Length, x.candidate.Length) / 3))
            .OrderBy(x => x.distance).ThenBy(x => x.candidate, StringComparer.Ordinal)
            .Take(3).Select(x => x.candidate)];

    /// <summary>Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.</summary>
    static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
            for (int j = 1; j <= b.Length; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
