using System.Globalization;

namespace Quality.Ui;

/// <summary>Numbers and times as the pages write them, whatever the machine's culture.</summary>
public static class Format
{
    static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public static string Count(long value) => value.ToString("#,0", Invariant);

    public static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "#,0" : "#,0.##", Invariant);

    /// <summary>Never rounds to 100 % what is not whole, nor to 0 % what is there.</summary>
    public static string Percent(double share, int digits = 1)
    {
        var step = Math.Pow(10, -digits - 2);
        var rounded = Math.Round(share, digits + 2);
        if (share < 1 && rounded >= 1) rounded = 1 - step;
        if (share > 0 && rounded <= 0) return "< " + (step * 100).ToString("0.####", Invariant) + " %";
        return (rounded * 100).ToString(rounded is 0 or 1 ? "0" : "F" + digits, Invariant) + " %";
    }

    public static string Share(long part, long whole, int digits = 1) => whole == 0 ? "–" : Percent((double)part / whole, digits);

    public static string Compact(double value) => Math.Abs(value) switch
    {
        >= 1e9 => (value / 1e9).ToString("0.#", Invariant) + " G",
        >= 1e6 => (value / 1e6).ToString("0.#", Invariant) + " M",
        >= 1e3 => (value / 1e3).ToString("0.#", Invariant) + " k",
        _ => value.ToString("0.##", Invariant),
    };

    public static string Instant(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", Invariant);

    public static string Clock(DateTimeOffset at) => at.ToUniversalTime().ToString("HH:mm:ss", Invariant);

    public static string Day(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd", Invariant);

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1000 } => Math.Max(0, (int)time.TotalMilliseconds).ToString(Invariant) + " ms",
        { TotalSeconds: < 60 } => time.TotalSeconds.ToString("0.0", Invariant) + " s",
        { TotalMinutes: < 60 } => $"{(int)time.TotalMinutes} min {time.Seconds} s",
        { TotalHours: < 48 } => $"{(int)time.TotalHours} h {time.Minutes} min",
        _ => $"{(int)time.TotalDays} days {time.Hours} h",
    };

    public static string Of(long count, string one, string? many = null) => Count(count) + " " + (count == 1 ? one : many ?? one + "s");
}
