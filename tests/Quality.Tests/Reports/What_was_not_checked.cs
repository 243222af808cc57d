using Quality.Reports;

namespace Quality.Tests.Reports;

public sealed class What_was_not_checked
{
    [Fact]
    public void Names_tables_that_were_compared_in_part_or_not_at_all()
    {
        var sample = SampleReport.Pipeline();
        var round = sample.Rounds[^1];
        var gaps = (sample with { Rounds = [round with { Tables = [round.Tables[0] with { Coverage = 0.25 }, .. round.Tables.Skip(2)] }] }).Judged().NotChecked;
        Assert.Contains("Only 25.0 % of users was compared.", gaps);
        Assert.Contains("Not compared: subscriptions.", gaps);
        Assert.Contains("No load test has been run.", gaps);
    }

    [Fact]
    public void Says_nothing_of_load_once_there_was_one() =>
        Assert.DoesNotContain("No load test has been run.", (SampleReport.Pipeline() with { Loads = [The_load_in_a_report.Soaked()] }).Judged().NotChecked);

    [Fact]
    public void Begins_with_the_comparison_that_was_never_made() =>
        Assert.Contains("No reconciliation was run: source and warehouse were not compared at all.", PipelineReport.Blank("crm").Judged().NotChecked);

    [Fact]
    public void Names_experiments_that_did_not_fire()
    {
        var sample = SampleReport.Pipeline();
        var gaps = (sample with { Experiments = [sample.Experiments[0] with { Injected = 0, Detected = 0 }] }).Judged().NotChecked;
        Assert.Contains("1 experiment injected nothing and so proved nothing: missing required field.", gaps);
    }
}
