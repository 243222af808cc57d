using System.Globalization;
using Etl;

namespace Chaos.Generation;

/// <summary>What the generated product events look like.</summary>
public sealed record ProductEventOptions
{
    public const string EventsVariable = "PRODUCT_EVENTS_PER_DAY", StartVariable = "PRODUCT_EVENTS_START_DATE";

    const int MaxEvents = 10_000_000, MaxDays = 10_000;
    static readonly DateOnly FirstStart = new(2000, 1, 1), LastStart = new(2037, 12, 31);

    /// <value>About so many on a day with events. Default: 500. Range: 1–10,000,000.</value>
    public int EventsPerDay { get; init; } = 500;

    /// <value>The first day. Default: 2024-01-01. Range: 2000-01-01–2037-12-31.</value>
    public DateOnly Start { get; init; } = new(2024, 1, 1);

    /// <value>Days from the start on. Default: 31. Range: 1–10,000.</value>
    public int Days { get; init; } = 31;

    /// <value>Same seed, same events. Default: 1.</value>
    public int Seed { get; init; } = 1;

    public DateOnly Last => Start.AddDays(Days - 1);

    /// <summary>Defaults, overridden by the two environment variables; unset and empty are the same.</summary>
    /// <param name="variable">Reads a variable; the process's environment by default.</param>
    /// <exception cref="UsageException">Values that cannot be used, all of them, one line each.</exception>
    public static ProductEventOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        var options = new ProductEventOptions();
        var errors = new List<string>();
        if (variable(EventsVariable)?.Trim() is { Length: > 0 } events)
            if (int.TryParse(events, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= MaxEvents)
                options = options with { EventsPerDay = value };
            else
                errors.Add($"{EventsVariable} is '{events}', allowed: a whole number from 1 to {MaxEvents:N0}. Change it, or unset it for {options.EventsPerDay}.");
        if (variable(StartVariable)?.Trim() is { Length: > 0 } start)
            if (DateOnly.TryParseExact(start, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var value) && value >= FirstStart && value <= LastStart)
                options = options with { Start = value };
            else
                errors.Add($"{StartVariable} is '{start}', allowed: a date from {FirstStart:yyyy-MM-dd} to {LastStart:yyyy-MM-dd}, as yyyy-mm-dd. Change it, or unset it for {options.Start:yyyy-MM-dd}.");
        return errors.Count == 0 ? options : throw new UsageException(string.Join('\n', errors));
    }

    /// <exception cref="UsageException">Values out of range, all of them, one line each.</exception>
    public ProductEventOptions Checked()
    {
        var errors = new List<string>();
        if (EventsPerDay is < 1 or > MaxEvents)
            errors.Add($"{nameof(EventsPerDay)} is '{EventsPerDay}', allowed: 1 to {MaxEvents:N0}.");
        if (Days is < 1 or > MaxDays)
            errors.Add($"{nameof(Days)} is '{Days}', allowed: 1 to {MaxDays:N0}.");
        if (Start < FirstStart || Start > LastStart)
            errors.Add($"{nameof(Start)} is '{Start:yyyy-MM-dd}', allowed: {FirstStart:yyyy-MM-dd} to {LastStart:yyyy-MM-dd}.");
        return errors.Count == 0 ? this : throw new UsageException(string.Join('\n', errors));
    }
}
