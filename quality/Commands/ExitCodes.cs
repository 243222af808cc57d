using Etl.Loading;

namespace Quality.Commands;

/// <summary>What scripts depend on.</summary>
public static class ExitCodes
{
    public const int Done = 0, Mismatched = 1, Unknown = 2, Usage = 64, Internal = 70, Interrupted = 130;

    public static int Of(Verdict verdict) => verdict switch
    {
        Verdict.Reconciled => Done,
        Verdict.Mismatched => Mismatched,
        _ => Unknown,
    };
}
