using Etl;
using Quality.Scheduling;

namespace Quality.Tests.Scheduling;

public sealed class A_cron_schedule
{
    static readonly SettableTime Time = new("2026-11-22 16:30:00");

    static DateTimeOffset At(string text) => SettableTime.At(text);

    static CronSchedule Parse(string text) => CronSchedule.Parse(text, "--cron", Time);

    [Theory]
    [InlineData("0 0 * * *", "2026-11-23 00:00:00")]
    [InlineData("30 4 * * 0", "2026-11-29 04:30:00")] // Unix counts from Sunday 0
    [InlineData("30 4 * * 7", "2026-11-29 04:30:00")]
    [InlineData("*/15 6-20 * * MON-FRI", "2026-11-23 06:00:00")]
    [InlineData("0 0 1 * *", "2026-12-01 00:00:00")]
    [InlineData("0 0 29 2 *", "2028-02-29 00:00:00")]
    [InlineData("*/10 * * * * ?", "2026-11-22 16:30:10")]
    [InlineData("0 0 3 ? * 1", "2026-11-29 03:00:00")] // six fields are Quartz's, which counts from Sunday 1
    [InlineData("@daily", "2026-11-23 00:00:00")]
    public void Is_due_next(string cron, string next) => Assert.Equal(At(next), Parse(cron).Next(Time.Now));

    [Fact]
    public void Is_in_UTC_wherever_the_machine_is() => Assert.Equal(TimeSpan.Zero, Parse("0 0 * * *").Next(At("2026-03-28 23:30:00"))!.Value.Offset);

    [Theory]
    [InlineData("61 * * * *")]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("0 0 * * * * * *")]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 0 1 1 ? 2020")]
    public void Is_refused_with_its_text_and_what_to_write(string cron)
    {
        string message = Assert.Throws<UsageException>(() => Parse(cron)).Message;
        Assert.Contains($"'{cron}'", message);
        Assert.StartsWith("--cron: ", message);
        Assert.Contains("Write five fields, minute hour day-of-month month day-of-week, as in '0 0 * * *'", message);
    }

    [Theory]
    [InlineData("0 0 * * *", "2026-11-20 12:00:00", "2026-11-22 16:30:00", "2026-11-22 00:00:00")] // two were missed
    [InlineData("0 0 * * *", "2026-11-22 00:00:00", "2026-11-22 16:30:00", null)]
    [InlineData("0 0 * * *", "2026-11-21 00:00:00", "2026-11-22 00:00:00", "2026-11-22 00:00:00")] // on the second
    [InlineData("0 0 1 1 *", "2025-06-01 00:00:00", "2026-11-22 16:30:00", "2026-01-01 00:00:00")]
    [InlineData("* * * * * ?", "2020-01-01 00:00:00", "2026-11-22 16:30:00", "2026-11-22 16:30:00")] // not by walking through 200 million seconds
    public void Finds_the_latest_time_that_was_missed(string cron, string after, string until, string? latest) =>
        Assert.Equal(latest is null ? null : At(latest), Parse(cron).Latest(At(after), At(until)));
}
