using System.Globalization;
using Etl.Loading;

namespace Quality.Commands;

/// <summary>What the warehouse was asked after a load, for people.</summary>
internal static class CheckText
{
    /// <summary>Check, place, rule, measured, must be, unit, result.</summary>
    public static IReadOnlyList<string> Cells(CheckResult check) =>
        [Title(check), check.Place, check.Rule, Measured(check) ?? "–", check.Expected ?? "0", check.Unit ?? "rows", Word(check)];

    /// <summary>Of a check that is broken, or could not be answered.</summary>
    public static string Sentence(CheckResult check)
    {
        string end = check.Warns ? " It warns only." : "";
        if (check.Sentence is { } sentence)
            return sentence;
        string what = $"Check '{Title(check)}' on {check.Place}";
        return check.Holds is null ? $"{what} is unknown: {check.Failure ?? "there is nothing to measure"}.{end}"
            : check.Measured is null ? $"{what}: {check.Failing.ToString("N0", CultureInfo.InvariantCulture)} rows fail it. The rows stay.{end}"
            : $"{what}: measured {Measured(check)} {check.Unit}, must be {check.Expected}. The rows stay.{end}";
    }

    static string Title(CheckResult check) => check.Name.Length > 0 ? check.Name : check.Rule;

    /// <summary>Where there is no measure, the failing rows are it.</summary>
    static string? Measured(CheckResult check) =>
        check.Holds is null ? null : check.Measured?.ToString("#,0.######", CultureInfo.InvariantCulture) ?? check.Failing.ToString("N0", CultureInfo.InvariantCulture);

    static string Word(CheckResult check) => check.Holds switch
    {
        true => "holds",
        false => check.Warns ? "broken, warns only" : "broken",
        null => check.Warns ? "unknown, warns only" : "unknown",
    };
}
