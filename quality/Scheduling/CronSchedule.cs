using Etl;
using Etl.Contracts;
using Quartz;

namespace Quality.Scheduling;

/// <summary>When a pipeline's chain is due, in UTC.</summary>
internal sealed class CronSchedule
{
    public const string Daily = "0 0 * * *";

    /// <summary>A look back begins with the last hour and reaches further only if nothing was due in it: schedules of seconds are not walked through for days.</summary>
    static readonly TimeSpan FirstLookBack = TimeSpan.FromHours(1);

    CronSchedule(string text, CronExpression expression) => (Text, Expression) = (text, expression);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    public CronExpression Expression { get; }

    /// <param name="origin">Where it was written, for people: <c>--cron</c>, or which contract.</param>
    /// <exception cref="UsageException">No cron expression, or one whose time never comes.</exception>
    public static CronSchedule Parse(string text, string origin, TimeProvider time)
    {
        const string forms = "Write five fields, minute hour day-of-month month day-of-week, as in '0 0 * * *' (every day at 00:00 UTC) or '*/15 6-20 * * MON-FRI'; or six, seconds first.";
        try
        {
            bool unix = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length == 5;
            var expression = CronExpression.Parse(text, unix ? CronFormat.Unix : CronFormat.Quartz).WithTimeZone(TimeZoneInfo.Utc);
            return expression.GetNextValidTimeAfter(time.GetUtcNow()) is not null ? new CronSchedule(text, expression)
                : throw new UsageException($"{origin}: the time of cron expression '{text}' never comes. {forms}");
        }
        catch (FormatException e)
        {
            throw new UsageException($"{origin}: '{text}' is no cron expression: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. {forms}", e);
        }
    }

    /// <param name="option">Given on the command line, it goes before what the contract says.</param>
    /// <exception cref="UsageException">No cron expression, or one whose time never comes.</exception>
    public static CronSchedule Of(Contract contract, string? option, TimeProvider time) =>
        option is not null ? Parse(option, "--cron", time)
        : contract.Schedule is { } written ? Parse(written, $"customProperty 'schedule' of the contract of '{contract.Pipeline}'", time)
        : Parse(Daily, "The default", time);

    public DateTimeOffset? Next(DateTimeOffset after) => Expression.GetNextValidTimeAfter(after);

    /// <summary>The latest time that was due: however many were missed, one chain makes them good.</summary>
    /// <param name="after">Not this one, but later.</param>
    /// <param name="until">This one included.</param>
    /// <returns>Null: nothing was due.</returns>
    public DateTimeOffset? Latest(DateTimeOffset after, DateTimeOffset until)
    {
        for (var back = FirstLookBack; ; back *= 2)
        {
            bool whole = until - after <= back;
            DateTimeOffset? latest = null;
            for (var next = Next(whole ? after : until - back); next <= until; next = Next(next.Value))
                latest = next;
            if (latest is not null || whole)
                return latest;
        }
    }
}
