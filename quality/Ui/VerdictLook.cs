namespace Quality.Ui;

/// <summary>How a verdict is shown.</summary>
public static class VerdictLook
{
    public static Status Status(this Verdict verdict) => verdict switch
    {
        Verdict.Reconciled => Ui.Status.Good,
        Verdict.Mismatched => Ui.Status.Bad,
        _ => Ui.Status.Idle,
    };
}
