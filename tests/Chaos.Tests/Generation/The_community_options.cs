using Chaos.Generation;
using Etl;

namespace Chaos.Tests.Generation;

public sealed class The_community_options
{
    static CommunityOptions From(params (string Name, string Value)[] variables) =>
        CommunityOptions.FromEnvironment(name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    [Fact]
    public void Have_the_documented_defaults() =>
        Assert.Equal((10, 20d, 20d, new DateOnly(2020, 6, 1)), Values(From()));

    [Fact]
    public void Follow_the_environment() => Assert.Equal((200, 0.5, 7d, new DateOnly(2021, 2, 3)), Values(From(
        ("USER_SIGN_UPS_PER_SCALED_DAY", "200"), ("REAL_TIME_SECONDS_IN_A_DAY", "0.5"),
        ("TIME_BETWEEN_CRON_JOBS", " 7 "), ("COMPANY_START_DATE", "2021-02-03"))));

    [Fact]
    public void Take_an_empty_variable_for_an_unset_one() =>
        Assert.Equal(10, From(("USER_SIGN_UPS_PER_SCALED_DAY", "")).SignUpsPerDay);

    [Fact]
    public void Refuse_all_wrong_values_at_once()
    {
        var refused = Assert.Throws<UsageException>(() => From(
            ("USER_SIGN_UPS_PER_SCALED_DAY", "-1"), ("REAL_TIME_SECONDS_IN_A_DAY", "soon"),
            ("TIME_BETWEEN_CRON_JOBS", "0"), ("COMPANY_START_DATE", "01.06.2020")));
        Assert.Equal(
            """
            USER_SIGN_UPS_PER_SCALED_DAY is '-1', allowed: a whole number from 1 to 100,000. Change it, or unset it for 10.
            REAL_TIME_SECONDS_IN_A_DAY is 'soon', allowed: seconds from 0.1 to 86,400. Change it, or unset it for 20.
            TIME_BETWEEN_CRON_JOBS is '0', allowed: seconds from 0.1 to 86,400. Change it, or unset it for 20.
            COMPANY_START_DATE is '01.06.2020', allowed: a date from 1970-01-02 to 2075-12-31, as yyyy-mm-dd. Change it, or unset it for 2020-06-01.
            """, refused.Message, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Refuse_days_out_of_range() =>
        Assert.Equal("Days is '0', allowed: 1 to 10,000.", Assert.Throws<UsageException>(() => new CommunityOptions { Days = 0 }.Checked()).Message);

    static (int, double, double, DateOnly) Values(CommunityOptions options) =>
        (options.SignUpsPerDay, options.RealTimeSecondsInADay, options.TimeBetweenCronJobs, options.CompanyStartDate);
}
