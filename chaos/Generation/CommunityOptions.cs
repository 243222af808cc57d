using System.Globalization;
using Etl;

namespace Chaos.Generation;

/// <summary>What the generated community looks like, and how fast its time runs.</summary>
public sealed record CommunityOptions
{
    public const string SignUpsVariable = "USER_SIGN_UPS_PER_SCALED_DAY";
    public const string DayLengthVariable = "REAL_TIME_SECONDS_IN_A_DAY";
    public const string CronVariable = "TIME_BETWEEN_CRON_JOBS";
    public const string StartVariable = "COMPANY_START_DATE";

    const int MaxSignUps = 100_000, MaxDays = 10_000;
    const double ShortestSeconds = 0.1, LongestSeconds = 86_400;

    /// <summary>ObjectIds count seconds in 32 bits, until 2106; simulated time has to end before.</summary>
    static readonly DateOnly FirstStart = new(1970, 1, 2), LastStart = new(2075, 12, 31);

    /// <value>Default: 10 users. Range: 1–100,000.</value>
    public int SignUpsPerDay { get; init; } = 10;

    /// <value>Real seconds that one simulated day takes in live mode. Default: 20. Range: 0.1–86,400.</value>
    public double RealTimeSecondsInADay { get; init; } = 20;

    /// <value>Real seconds between two runs of the invoice job in live mode. Default: 20. Range: 0.1–86,400.</value>
    public double TimeBetweenCronJobs { get; init; } = 20;

    /// <value>The first simulated day. Default: 2020-06-01. Range: 1970-01-02–2075-12-31.</value>
    public DateOnly CompanyStartDate { get; init; } = new(2020, 6, 1);

    /// <value>Same seed, same documents. Default: 1.</value>
    public int Seed { get; init; } = 1;

    /// <value>Days made at once. Default: 30. Range: 1–10,000.</value>
    public int Days { get; init; } = 30;

    /// <summary>Defaults, overridden by the four environment variables; unset and empty are the same.</summary>
    /// <param name="variable">Reads a variable; the process's environment by default.</param>
    /// <exception cref="UsageException">Values that cannot be used, all of them, one line each.</exception>
    public static CommunityOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        var errors = new List<string>();
        var options = new CommunityOptions();
        options = options with
        {
            SignUpsPerDay = Read(SignUpsVariable, options.SignUpsPerDay, ParseSignUps, $"a whole number from 1 to {MaxSignUps:N0}"),
            RealTimeSecondsInADay = Read(DayLengthVariable, options.RealTimeSecondsInADay, ParseSeconds, $"seconds from {ShortestSeconds} to {LongestSeconds:N0}"),
            TimeBetweenCronJobs = Read(CronVariable, options.TimeBetweenCronJobs, ParseSeconds, $"seconds from {ShortestSeconds} to {LongestSeconds:N0}"),
            CompanyStartDate = Read(StartVariable, options.CompanyStartDate, ParseDate, $"a date from {FirstStart:yyyy-MM-dd} to {LastStart:yyyy-MM-dd}, as yyyy-mm-dd"),
        };
        return errors.Count == 0 ? options : throw new UsageException(string.Join('\n', errors));

        T Read<T>(string name, T preset, Func<string, T?> parse, string allowed) where T : struct
        {
            string? text = variable(name);
            if (string.IsNullOrWhiteSpace(text))
                return preset;
            if (parse(text.Trim()) is { } value)
                return value;
            errors.Add(Refusal(name, text, allowed, $"Change it, or unset it for {(preset is DateOnly date ? date.ToString("O") : preset)}."));
            return preset;
        }
    }

    /// <summary>Checks what was set in code or on the command line.</summary>
    /// <exception cref="UsageException">Values out of range, all of them, one line each.</exception>
    public CommunityOptions Checked()
    {
        var errors = new List<string>();
        if (SignUpsPerDay is < 1 or > MaxSignUps)
            errors.Add(Refusal(nameof(SignUpsPerDay), SignUpsPerDay, $"1 to {MaxSignUps:N0}"));
        if (Days is < 1 or > MaxDays)
            errors.Add(Refusal(nameof(Days), Days, $"1 to {MaxDays:N0}"));
        if (RealTimeSecondsInADay is not (>= ShortestSeconds and <= LongestSeconds))
            errors.Add(Refusal(nameof(RealTimeSecondsInADay), RealTimeSecondsInADay, $"{ShortestSeconds} to {LongestSeconds:N0}"));
        if (TimeBetweenCronJobs is not (>= ShortestSeconds and <= LongestSeconds))
            errors.Add(Refusal(nameof(TimeBetweenCronJobs), TimeBetweenCronJobs, $"{ShortestSeconds} to {LongestSeconds:N0}"));
        if (CompanyStartDate < FirstStart || CompanyStartDate > LastStart)
            errors.Add(Refusal(nameof(CompanyStartDate), CompanyStartDate.ToString("O", CultureInfo.InvariantCulture), $"{FirstStart:yyyy-MM-dd} to {LastStart:yyyy-MM-dd}"));
        return errors.Count == 0 ? this : throw new UsageException(string.Join('\n', errors));
    }

    static string Refusal(string name, object value, string allowed, string remedy = "") =>
        string.Create(CultureInfo.InvariantCulture, $"{name} is '{value}', allowed: {allowed}. {remedy}").TrimEnd();

    static int? ParseSignUps(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= MaxSignUps ? value : null;

    static double? ParseSeconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value is >= ShortestSeconds and <= LongestSeconds ? value : null;

    static DateOnly? ParseDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var value) && value >= FirstStart && value <= LastStart ? value : null;
}
