using System.Globalization;
using Quality.Ui;

namespace Quality.Commands.Progress;

/// <summary>A pace in words.</summary>
internal static class PaceText
{
    public static string Count(Pace pace) => Format.Count(pace.Count) + (pace.Expected is { } all ? $" of about {Format.Count(all)}" : "") + $" {pace.Unit}";

    public static string Rate(Pace pace) => $"{Format.Count((long)pace.Rate)} {pace.Unit}/s";

    public static string Left(Pace pace) => pace.Left is { Ticks: > 0 } left ? $"{Rounded(left)} left" : "";

    /// <summary>The whole as one line.</summary>
    public static string Line(string name, Pace pace) =>
        $"{name}: {Count(pace)}{(pace.Share is { } share ? $" ({(share * 100).ToString("0", CultureInfo.InvariantCulture)} %)" : "")}, {Rate(pace)}{(Left(pace) is { Length: > 0 } left ? $", {left}" : "")}";

    /// <summary>Nobody wants to know the last second of two hours.</summary>
    static string Rounded(TimeSpan left) => left switch
    {
        { TotalSeconds: < 60 } => $"{Math.Ceiling(left.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)} s",
        { TotalMinutes: < 60 } => $"{(int)left.TotalMinutes} min {left.Seconds} s",
        _ => $"{(int)left.TotalHours} h {left.Minutes} min",
    };
}
