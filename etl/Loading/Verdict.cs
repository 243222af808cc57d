namespace Etl.Loading;

/// <summary>Three values; the worst wins, and nothing compared is <see cref="Unknown"/>.</summary>
public enum Verdict
{
    Reconciled,
    Unknown,
    Mismatched,
}

public static class Verdicts
{
    /// <summary>As the journal and JSON write it.</summary>
    public static string Word(this Verdict verdict) => verdict switch
    {
        Verdict.Reconciled => "reconciled",
        Verdict.Mismatched => "mismatched",
        _ => "unknown",
    };

    public static Verdict Parse(string word) => word switch
    {
        "reconciled" => Verdict.Reconciled,
        "mismatched" => Verdict.Mismatched,
        "unknown" => Verdict.Unknown,
        _ => throw new FormatException($"'{word}' is not a verdict."),
    };

    /// <summary>The worst of several: Mismatched over Unknown over Reconciled; Unknown of none.</summary>
    public static Verdict Worst(this IEnumerable<Verdict> verdicts) => verdicts.Select(v => (Verdict?)v).Max() ?? Verdict.Unknown;
}
