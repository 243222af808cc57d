using Etl.Loading;
using Quality.Commands.Progress;
using Quality.Reconciliation;
using Spectre.Console;

namespace Quality.Tests.Commands;

public sealed class The_pace_of_a_command
{
    sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }
        public override long TimestampFrequency => 1_000;
        public override long GetTimestamp() => (long)(Seconds * 1_000);
    }

    readonly Clock clock = new();

    [Fact]
    public void Tells_rate_and_time_left_from_the_expected_count()
    {
        var pace = new Pace("documents", clock, clock.GetTimestamp());
        clock.Seconds = 10;
        pace.Advance(20_000, 100_000);
        Assert.Equal((2_000, 0.2, TimeSpan.FromSeconds(40)), (pace.Rate, pace.Share, pace.Left));
        Assert.Equal("users: 20,000 of about 100,000 documents (20 %), 2,000 documents/s, 40 s left", PaceText.Line("users", pace));
    }

    [Fact]
    public void Promises_nothing_where_the_source_does_not_count()
    {
        var pace = new Pace("documents", clock, clock.GetTimestamp());
        clock.Seconds = 10;
        pace.Advance(20_000, null);
        Assert.Null(pace.Left);
        Assert.Equal("users: 20,000 documents, 2,000 documents/s", PaceText.Line("users", pace));
    }

    [Fact]
    public void Drops_an_estimate_that_was_passed()
    {
        var pace = new Pace("documents", clock, clock.GetTimestamp());
        clock.Seconds = 1;
        pace.Advance(101, 100);
        Assert.Equal((null, null, null), (pace.Expected, pace.Share, pace.Left));
    }

    [Fact]
    public void Forgets_how_fast_it_once_was()
    {
        var pace = new Pace("documents", clock, clock.GetTimestamp());
        for (int second = 1; second <= 100; second++)
        {
            clock.Seconds = second;
            pace.Advance(second <= 50 ? second * 1_000 : 50_000 + (second - 50) * 10, 51_000);
        }
        Assert.Equal(10, pace.Rate, 0);
        Assert.Equal(50, pace.Left!.Value.TotalSeconds, 0);
    }

    [Fact]
    public void Is_said_every_few_seconds_and_not_for_every_batch()
    {
        var said = new List<string>();
        var lines = new ProgressLines(clock, said.Add);
        for (int batch = 1; batch <= 120; batch++)
        {
            clock.Seconds = batch / 10.0;
            lines.Report(new SyncProgress("users", batch * 100, 12_000));
        }
        Assert.Equal(["users: 5,000 of about 12,000 documents (42 %), 1,000 documents/s, 7 s left", "users: 10,000 of about 12,000 documents (83 %), 1,000 documents/s, 2 s left"], said);
    }

    [Fact]
    public void Counts_a_second_dataset_from_where_the_first_one_ended()
    {
        var said = new List<string>();
        var lines = new ProgressLines(clock, said.Add);
        clock.Seconds = 100;
        lines.Report(new SyncProgress("users", 1_000));
        clock.Seconds = 110;
        lines.Report(new SyncProgress("groups", 500));
        Assert.Equal("groups: 500 documents, 50 documents/s", said[^1]);
    }

    [Fact]
    public void Is_that_of_rows_where_a_table_is_read()
    {
        var said = new List<string>();
        var lines = new ProgressLines(clock, said.Add);
        clock.Seconds = 10;
        lines.Report(new ReconcileProgress("community.users", "rows", 40_000, 100_000));
        Assert.Equal(["community.users: 40,000 of about 100,000 rows (40 %), 4,000 rows/s, 15 s left"], said);
    }

    [Fact]
    public void Begins_anew_where_a_name_comes_twice()
    {
        var said = new List<string>();
        var lines = new ProgressLines(clock, said.Add);
        clock.Seconds = 10;
        lines.Report(new ReconcileProgress("users", "documents", 40_000, null));
        clock.Seconds = 20;
        lines.Report(new ReconcileProgress("users", "documents", 5_000, null));
        Assert.Equal("users: 5,000 documents, 500 documents/s", said[^1]);
    }

    [Fact]
    public void Promises_no_second_when_all_is_read()
    {
        var pace = new Pace("rows", clock, clock.GetTimestamp());
        clock.Seconds = 10;
        pace.Advance(100, 100);
        Assert.Equal("users: 100 of about 100 rows (100 %), 10 rows/s", PaceText.Line("users", pace));
    }

    [Fact]
    public async Task Is_drawn_on_one_line_also_where_a_name_is_long()
    {
        var drawn = new StringWriter();
        string name = "customer_relationship_management_production.organisations_and_their_contact_persons";
        await ProgressBars.RunAsync(Console(drawn, 110), clock, async progress =>
        {
            clock.Seconds = 10;
            progress.Report(new ReconcileProgress(name, "rows", 400_000, 20_000_000));
            await Task.Delay(300, TestContext.Current.CancellationToken);
            return 0;
        });
        string line = Assert.Single(drawn.ToString().Split('\n').Select(l => l.TrimEnd()).Where(l => l.Contains("rows/s")).Distinct().TakeLast(1));
        foreach (string part in (string[])["…", "_contact_persons", "\u2501", "of about 20,000,000 rows", "40,000 rows/s"])
            Assert.Contains(part, line);
        Assert.DoesNotContain("customer_relationship", line);
    }

    static IAnsiConsole Console(TextWriter writer, int width) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new Wide(writer, width), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes });

    [Fact]
    public async Task Is_drawn_as_a_bar_for_each_dataset()
    {
        var drawn = new StringWriter();
        var console = Console(drawn, 160);
        int result = await ProgressBars.RunAsync(console, clock, async progress =>
        {
            clock.Seconds = 2;
            progress.Report(new SyncProgress("us[er]s", 20_000, 100_000));
            await Task.Delay(300, TestContext.Current.CancellationToken); // until the display has drawn itself
            return 7;
        });
        Assert.Equal(7, result);
        string text = drawn.ToString();
        foreach (string part in (string[])["us[er]s", "20,000 of about 100,000 documents", "10,000 documents/s", "8 s left", "\u2501"])
            Assert.Contains(part, text);
        Assert.EndsWith("\u001b[?25h", text); // the cursor is shown again
    }

    sealed class Wide(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;
        public bool IsTerminal => true;
        public int Width => width;
        public int Height => 40;
        public void SetEncoding(System.Text.Encoding encoding) { }
    }
}
