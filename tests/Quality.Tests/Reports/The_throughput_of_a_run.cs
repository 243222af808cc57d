using Quality.Reports;

namespace Quality.Tests.Reports;

public sealed class The_throughput_of_a_run
{
    static readonly DateTimeOffset Start = SampleReport.Start;

    static CommittedBatch Batch(string dataset, double fromSecond, double toSecond, long rows) =>
        new(dataset, rows / 2, rows, (long)((toSecond - fromSecond) * 1000), Start.AddSeconds(toSecond));

    [Fact]
    public void Adds_up_what_several_workers_commit_at_once()
    {
        var curve = ThroughputCurve.Of(1, [Batch("users", 0, 10, 1_000), Batch("users", 0, 10, 1_000), Batch("users", 5, 10, 1_000)], 10);
        Assert.Equal((10, 1.0), (curve.Steps, curve.StepSeconds));
        var users = Assert.Single(curve.Datasets);
        Assert.Equal([200, 200, 200, 200, 200, 400, 400, 400, 400, 400], users.RowsPerSecond);
        // The time that went by, and the time that workers spent in it.
        Assert.Equal((10.0, 25.0), (users.Seconds, users.BusySeconds));
    }

    [Fact]
    public void Falls_to_nothing_while_nothing_is_in_hand()
    {
        var curve = ThroughputCurve.Of(1, [Batch("users", 0, 2, 200), Batch("users", 8, 10, 200)], 10);
        Assert.Equal([100, 100, 0, 0, 0, 0, 0, 0, 100, 100], curve.Datasets[0].RowsPerSecond);
    }

    [Fact]
    public void Does_not_seem_to_slow_down_at_the_end_of_the_run()
    {
        var curve = ThroughputCurve.Of(1, [Batch("users", 0, 10.5, 1_050)], 11);
        Assert.Equal(11, curve.Steps);
        Assert.All(curve.Datasets[0].RowsPerSecond, rate => Assert.Equal(100, rate, 3));
    }

    [Fact]
    public void Tells_its_datasets_apart_in_the_order_in_which_they_came()
    {
        var curve = ThroughputCurve.Of(1, [Batch("messages", 4, 8, 400), Batch("users", 0, 4, 800)], 8);
        Assert.Equal([("users", 0, 3), ("messages", 4, 7)], curve.Datasets.Select(d => (d.Dataset, d.FirstStep, d.LastStep)));
        Assert.Equal([200, 200, 200, 200, 0, 0, 0, 0], curve.Datasets[0].RowsPerSecond);
    }

    [Theory]
    [InlineData(1), InlineData(7), InlineData(20_261_122)]
    public void Loses_no_row_however_the_batches_lie(int seed)
    {
        var random = new Random(seed);
        var batches = Enumerable.Range(0, 500).Select(_ => random.NextDouble() * 3_000)
            .Select(at => Batch($"d{random.Next(3)}", at, at + random.NextDouble() * 40, random.Next(10_000))).ToList();
        var curve = ThroughputCurve.Of(1, batches, ReportLimits.ThroughputSteps);
        Assert.InRange(curve.Steps, 2, ReportLimits.ThroughputSteps);
        foreach (var dataset in curve.Datasets)
        {
            var sum = dataset.RowsPerSecond.Select((rate, i) => rate * Math.Min(curve.StepSeconds, curve.Seconds - i * curve.StepSeconds)).Sum();
            Assert.Equal(batches.Where(b => b.Dataset == dataset.Dataset).Sum(b => b.Rows), sum, dataset.Rows * 1e-4);
        }
    }

    [Fact]
    public void Is_there_for_a_single_batch_too_fast_for_the_clock()
    {
        var curve = ThroughputCurve.Of(1, [new("users", 3, 5, 0, Start)], ReportLimits.ThroughputSteps);
        Assert.Equal(1, curve.Steps);
        Assert.Equal(5_000, Assert.Single(curve.Datasets[0].RowsPerSecond), 0);
    }
}
