namespace Quality.Ui;

public static class VerdictLook
{
    public static Status Status(this Verdict verdict) => verdict switch
    {
        Verdict.Reconciled => Ui.Status.Good,
        Verdict.Mismatched => Ui.Status.Bad,
        _ => Ui.Status.Idle,
    };

    /// <summary>The journal's word for a verdict; anything else, and nothing at all, is Unknown.</summary>
    public static Verdict Parse(string? word) => word switch
    {
        "reconciled" => Verdict.Reconciled,
        "mismatched" => Verdict.Mismatched,
        _ => Verdict.Unknown,
    };

    /// <summary>Nothing to judge is Unknown, never Reconciled.</summary>
    public static Verdict Worst(this IEnumerable<Verdict> verdicts) => verdicts.Select(v => (Verdict?)v).Max() ?? Verdict.Unknown;
}
