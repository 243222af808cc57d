using System.Globalization;
using Etl;

namespace Chaos.Generation;

/// <summary>How many user events a made-up CRM sends, and from which day on.</summary>
public sealed record CrmOptions
{
    public const string QueueVariable = "QUALITY_CRM_QUEUE", OrganizationsVariable = "QUALITY_CRM_ORGANIZATIONS";

    const int MaxEvents = 1_000_000, MaxDays = 10_000;
    static readonly DateOnly LastStart = new(2500, 1, 1);

    /// <value>The first simulated day. Default: 2020-12-05.</value>
    public DateOnly FirstDay { get; init; } = new(2020, 12, 5);

    /// <value>Days made at once. Default: 7. Range: 1–10,000.</value>
    public int Days { get; init; } = 7;

    /// <value>Events that happen on a day; repetitions and poison come on top. Default: 500. Range: 1–1,000,000.</value>
    public int EventsPerDay { get; init; } = 500;

    /// <value>Real seconds that one simulated day takes in live mode, by <see cref="CommunityOptions.DayLengthVariable"/>. Default: 20.</value>
    public double RealTimeSecondsInADay { get; init; } = 20;

    /// <value>Same seed, same messages. Default: 1.</value>
    public int Seed { get; init; } = 1;

    /// <exception cref="UsageException">Values out of range, all of them, one line each.</exception>
    public CrmOptions Checked()
    {
        var errors = new List<string>();
        if (Days is < 1 or > MaxDays)
            errors.Add(Refusal(nameof(Days), Days, $"1 to {MaxDays:N0}"));
        if (EventsPerDay is < 1 or > MaxEvents)
            errors.Add(Refusal(nameof(EventsPerDay), EventsPerDay, $"1 to {MaxEvents:N0}"));
        if (FirstDay > LastStart)
            errors.Add(Refusal(nameof(FirstDay), FirstDay.ToString("O", CultureInfo.InvariantCulture), $"up to {LastStart:yyyy-MM-dd}"));
        return errors.Count == 0 ? this : throw new UsageException(string.Join('\n', errors));
    }

    static string Refusal(string name, object value, string allowed) => string.Create(CultureInfo.InvariantCulture, $"{name} is '{value}', allowed: {allowed}.");
}
