namespace Etl.Loading;

/// <summary>Ordered so that the worst is the greatest; nothing compared is <see cref="Unknown"/>.</summary>
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

    /// <summary>The journal's word; any other, and none at all, proves nothing and is Unknown.</summary>
    public static Verdict Parse(string? word) => word switch
    {
        "reconciled" => Verdict.Reconciled,
        "mismatched" => Verdict.Mismatched,
        _ => Verdict.Unknown,
    };

    /// <summary>The worst of several: Mismatched over Unknown over Reconciled; Unknown of none.</summary>
    public static Verdict Worst(this IEnumerable<Verdict> verdicts) => verdicts.Select(v => (Verdict?)v).Max() ?? Verdict.Unknown;
}
