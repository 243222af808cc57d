using Chaos.Load;
using Etl;

namespace Chaos.Tests.Load;

public sealed class A_threshold
{
    static StepResult Step(string name, LatencyFigures? latency, long operations = 99, long failed = 1) =>
        new("w", name, operations, failed, 5_000, TimeSpan.FromSeconds(10), latency, [], TimeSpan.FromSeconds(1), []);

    static readonly LatencyFigures Figures = new(1, 20, 900, 5, 10, 50, 100, 200, 500);

    static readonly StepResult[] Steps = [Step("insert", Figures), Step("sync", Figures with { P99 = 3_000, P999 = 4_000 })];

    [Theory]
    [InlineData("insert p99 < 200 ms", false)]
    [InlineData("insert p99 <= 200 ms", true)]
    [InlineData("insert p99<201ms", true)]
    [InlineData("insert p99.9 < 0.6 s", true)]
    [InlineData("sync p99 < 3.5 s", true)]
    [InlineData("p99 < 1 s", false)]
    [InlineData("p99 < 1 min", true)]
    [InlineData("min >= 1000 us", true)]
    [InlineData("mean > 20 ms", false)]
    [InlineData("max < 901 ms", true)]
    [InlineData("stddev <= 5 ms", true)]
    [InlineData("p50 < 10.1 ms", true)]
    [InlineData("p75 < 50 ms", false)]
    [InlineData("p95 < 100.5 ms", true)]
    [InlineData("failures < 1 %", false)]
    [InlineData("failures <= 1 %", true)]
    [InlineData("failures < 1", false)]
    [InlineData("failures < 2", true)]
    [InlineData("throughput > 9 /s", true)]
    [InlineData("throughput > 10 /s", false)]
    [InlineData("sync documents >= 500 /s", true)]
    public void Is_held_or_passed(string text, bool holds) => Assert.Equal(holds, Threshold.Parse(text).Judge(Steps).All(r => r.Holds));

    [Fact]
    public void Is_judged_for_every_step_unless_it_names_one()
    {
        Assert.Equal([("insert", "200 ms"), ("sync", "3000 ms")], Threshold.Parse("p99 < 1 ms").Judge(Steps).Select(r => (r.Step, r.Measured)));
        Assert.Equal("sync", Assert.Single(Threshold.Parse("sync p99 < 1 ms").Judge(Steps)).Step);
    }

    [Fact]
    public void Does_not_hold_where_nothing_was_measured()
    {
        foreach (string text in (string[])["p99 < 1 min", "failures < 100 %"])
            Assert.Equal(("nothing was measured", false), Assert.Single(Threshold.Parse(text).Judge([Step("s", null, 0, 0)])) is var r ? (r.Measured, r.Holds) : default);
    }

    [Theory]
    [InlineData("")]
    [InlineData("p99")]
    [InlineData("p98 < 1 ms")]
    [InlineData("p99 < 200")]
    [InlineData("p99 < 200 %")]
    [InlineData("p99 = 200 ms")]
    [InlineData("failures < 1 ms")]
    [InlineData("throughput > 5")]
    [InlineData("p99 < -1 ms")]
    [InlineData("a b p99 < 1 ms")]
    public void That_makes_no_sense_is_refused_with_what_does(string text)
    {
        string said = Assert.Throws<UsageException>(() => Threshold.Parse(text)).Message;
        Assert.StartsWith($"'{text}' is no threshold.", said);
        Assert.Contains("p99 < 200 ms", said);
    }
}
