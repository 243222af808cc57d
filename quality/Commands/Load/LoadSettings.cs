using System.Globalization;
using System.Text.RegularExpressions;
using Chaos.Load;
using Etl;

namespace Quality.Commands.Load;

/// <summary>How a scenario is run.</summary>
/// <param name="Duration">Null: as long as the scenario lasts by itself.</param>
/// <param name="Rate">Writes a second.</param>
internal sealed partial record LoadSettings(TimeSpan? Duration, int Rate, int Seed, IReadOnlyList<Threshold> Thresholds)
{
    public const int UsualRate = 50, MostRate = 100_000;

    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromDays(7);

    [GeneratedRegex(@"^(\d+(?:\.\d+)?)(s|m|h)$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    /// <exception cref="UsageException">Not a duration, or one that is too short or too long.</exception>
    public static TimeSpan? ReadDuration(string? text)
    {
        if (text is null)
            return null;
        double seconds = Form().Match(text) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "s" => 1, "m" => 60, _ => 3_600 } : double.NaN;
        return seconds >= Shortest.TotalSeconds && seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException($"--duration must be from 1s to 168h, such as 30s, 5m or 1.5h, not '{text}'.");
    }

    /// <exception cref="UsageException">Out of range.</exception>
    public static int CheckRate(int? rate) => rate is null ? UsualRate : rate is >= 1 and <= MostRate ? rate.Value
        : throw new UsageException($"--rate must be from 1 to {MostRate} writes a second, not {rate}.");

    /// <exception cref="UsageException">One that cannot be read, or that is about a step which none of the scenarios has.</exception>
    public static IReadOnlyList<Threshold> ReadThresholds(IReadOnlyList<string>? texts, IReadOnlyList<LoadScenario> scenarios)
    {
        var thresholds = (texts ?? []).Select(Threshold.Parse).ToArray();
        var steps = scenarios.SelectMany(s => s.Steps).Distinct().ToArray();
        foreach (var threshold in thresholds.Where(t => t.Step is { } step && !steps.Contains(step)))
            throw new UsageException($"'{threshold.Text}' is about step '{threshold.Step}', which {string.Join(", ", scenarios.Select(s => s.Name))} does not have. Steps: {string.Join(", ", steps)}.");
        return thresholds;
    }
}
