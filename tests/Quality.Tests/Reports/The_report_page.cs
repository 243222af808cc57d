using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Quality.Reports;
using Quality.Ui;
using Tests.Shared;

namespace Quality.Tests.Reports;

public sealed partial class The_report_page
{
    static readonly DateTimeOffset now = SampleReport.Start.AddMinutes(8);

    [Fact]
    public async Task Refers_to_nothing_outside_itself()
    {
        var html = await ReportHtml.RenderAsync(SampleReport.Of(reconciled: false));
        Assert.DoesNotContain("http:", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", html, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Source().Matches(html));
        Assert.All(Target().Matches(html), m => Assert.StartsWith("#", m.Groups[1].Value));
        Assert.DoesNotContain("@import", html);
        Assert.DoesNotContain("url(", html);
    }

    [Fact]
    public async Task Lists_marts_and_describes_their_columns()
    {
        var html = await ReportHtml.RenderAsync(SampleReport.Of());
        var card = html[html.IndexOf("aria-label=\"Marts\"", StringComparison.Ordinal)..];
        card = card[..card.IndexOf("</section>", StringComparison.Ordinal)];
        Assert.Contains("2 marts, 1 not made by the latest sync.", card);
        Assert.Contains(">4,214<", card);
        Assert.Matches("recent(.|\n)*run 1", card);
        var dictionary = html[html.IndexOf("aria-label=\"Data dictionary\"", StringComparison.Ordinal)..];
        Assert.Contains("Users who signed up.", dictionary);
        Assert.Contains("Then 2 marts.", dictionary);
        // They are no tables of the contract, and nobody compares them.
        Assert.DoesNotContain(SampleReport.Pipeline().NotChecked, g => g.Contains("signups_daily", StringComparison.Ordinal));
        Assert.DoesNotContain("aria-label=\"Marts\"", await ReportHtml.RenderAsync(QualityReport.Of(now, "Quality", [(SampleReport.Pipeline() with { Marts = [] }).Judged()])));
    }

    [Fact]
    public async Task Has_an_element_for_every_link()
    {
        foreach (var report in new[] { SampleReport.Of(), QualityReport.Of(now, "Quality", [SampleReport.Pipeline(), PipelineReport.Blank("crm").Judged()]), QualityReport.Of(now, "Quality", [(PipelineReport.Blank("crm") with { Sync = SampleReport.Run(1, "sync", 0, null) }).Judged()]) })
        {
            var html = await ReportHtml.RenderAsync(report);
            foreach (var target in Target().Matches(html).Select(m => m.Groups[1].Value[1..])) Assert.Contains($"id=\"{target}\"", html);
            var ids = Id().Matches(html).Select(m => m.Groups[1].Value).ToList();
            Assert.Equal(ids.Distinct(), ids);
        }
    }

    [Fact]
    public async Task Allows_its_own_style_and_script_by_hash_and_nothing_else()
    {
        var html = await ReportHtml.RenderAsync(SampleReport.Of());
        var policy = System.Net.WebUtility.HtmlDecode(Policy().Match(html).Groups[1].Value);
        Assert.StartsWith("default-src 'none';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Contains($"style-src '{Hash(Assert.Single(Style().Matches(html)))}'", policy);
        Assert.Contains($"script-src '{Hash(Assert.Single(Script().Matches(html)))}'", policy);
    }

    /// <summary>CSS has no way to say it once for those who chose dark and for those whose system did.</summary>
    [Fact]
    public async Task Is_as_dark_by_choice_as_by_the_system()
    {
        var style = Assert.Single(Style().Matches(await ReportHtml.RenderAsync(SampleReport.Of()))).Value;
        string Dark(string selector) => Regex.Replace(style[(style.IndexOf(selector + " {", StringComparison.Ordinal) + selector.Length)..].Split('}')[0], @"\s+", " ");
        Assert.Contains("--bg:", Dark(":root[data-theme=dark]"));
        Assert.Equal(Dark(":root[data-theme=dark]"), Dark(":root:not([data-theme=light])"));
    }

    [Fact]
    public async Task Has_no_style_or_event_attributes()
    {
        var html = Script().Replace(Style().Replace(await ReportHtml.RenderAsync(SampleReport.Of(reconciled: false)), ""), "");
        Assert.Empty(Forbidden().Matches(html));
    }

    [Fact]
    public async Task Says_in_which_table_a_screen_reader_is()
    {
        var html = await ReportHtml.RenderAsync(SampleReport.Of());
        Assert.Equal(Regex.Count(html, "<table class=\"data"), Regex.Count(html, "<caption"));
        Assert.All(Regex.Matches(html, "<svg [^>]*>"), svg => Assert.Matches("aria-(label|hidden)=\"[^\"]", svg.Value));
    }

    [Fact]
    public async Task Shows_books_that_balance()
    {
        var report = SampleReport.Of();
        var html = await ReportHtml.RenderAsync(report);
        var books = report.Pipelines[0].Books;
        Assert.All(books, b => Assert.Equal(b.Read, b.Loaded + b.Unchanged + b.Deleted + b.Quarantined + b.Duplicate + b.Superseded + b.Filtered));
        Assert.All(books, b => Assert.Equal(0, b.Off));
        Assert.Contains("239,262", html);
        Assert.Equal(7, (books[0] with { Read = books[0].Read + 7 }).Off);
        Assert.Equal(-2, (report.Pipelines[0].TableBooks[0] with { After = 118_410 }).Unexplained);
    }

    [Fact]
    public async Task Shows_the_two_sides_of_a_difference_and_the_command_that_repairs()
    {
        var html = System.Net.WebUtility.HtmlDecode(await ReportHtml.RenderAsync(SampleReport.Of(reconciled: false)));
        Assert.Contains("quality reconcile community --repair --delete-unexpected", Regex.Replace(html, "</?span[^>]*>", ""));
        Assert.Contains("15 of 15 shown", html);
        Assert.Contains("no such row", html);
        Assert.DoesNotContain("--repair", System.Net.WebUtility.HtmlDecode(await ReportHtml.RenderAsync(SampleReport.Of())));
    }

    [Fact]
    public async Task Says_how_many_of_the_comparisons_it_tells_of()
    {
        var sample = SampleReport.Pipeline();
        async Task<string> Html(int rounds, string level) => await ReportHtml.RenderAsync(QualityReport.Of(now, "Quality", [(sample with
        {
            Rounds = [.. Enumerable.Repeat(sample.Rounds[^1] with { Tables = [.. sample.Rounds[^1].Tables.Select(t => t with { Level = level })] }, rounds)],
        }).Judged()]));
        var many = await Html(11, "contents");
        Assert.Contains("The last 10 times that both sides were compared", many);
        Assert.Equal(10, Regex.Count(many, "rows matched</div>"));
        Assert.Contains("Every time both sides were compared", await Html(10, "contents"));
        var counted = await Html(2, "counts");
        Assert.Equal(2, Regex.Count(counted, "numbers of rows alone, equal"));
        Assert.DoesNotContain("rows matched</div>", counted);
    }

    [Theory]
    [InlineData("subscriptions.planType.planID", "subscriptions.|planType.|planID")]
    [InlineData("aVeryLongNameOfAField.and_a_very_long_name_of_another", "a|Very|Long|Name|Of|AField.|and_|a_|very_|long_|name_|of_|another")]
    [InlineData("Of 2 tables: public.users, messages.", "Of 2 tables: public.|users, messages.")]
    public void Breaks_names_where_they_can_be_read_on(string name, string broken)
    {
        int begin = 0;
        string[] pieces = [.. PathText.Breaks(name).Append(name.Length).Select(end => name[begin..(begin = end)])];
        Assert.Equal(broken, string.Join('|', pieces));
    }

    [Fact]
    public async Task Says_how_long_a_name_is_that_it_cuts()
    {
        var sample = SampleReport.Pipeline();
        var path = string.Concat(Enumerable.Repeat("someWords.", 20));
        var html = await ReportHtml.RenderAsync(QualityReport.Of(now, "Quality", [(sample with { Drift = sample.Drift with { Entries = [sample.Drift.Entries[0] with { Path = path }] } }).Judged()]));
        Assert.Contains("someWords.<wbr />someWords.<span class=\"cut\"> … (200 characters)</span>", html);
        Assert.Equal(16, Regex.Count(html, "someWords"));
    }

    [Fact]
    public async Task Opens_at_once_with_ten_thousand_differences()
    {
        var sample = SampleReport.Pipeline(reconciled: false);
        var round = sample.Rounds[^1];
        var table = round.Tables[0] with { Changed = 10_000, Samples = [.. Enumerable.Range(0, 10_000).Select(i => SampleReport.Difference("changed", i))] };
        var folder = Scratch.Folder("report");
        var report = QualityReport.Of(now, "Quality", [(sample with { Rounds = [round with { Tables = [table] }] }).Judged()]);
        var file = new FileInfo(await ReportWriter.WriteAsync(report, folder));
        Assert.True(file.Length < 2_000_000, $"{file.Length} bytes");
        Assert.Contains("200 of 10,000 shown", await File.ReadAllTextAsync(file.FullName));
    }

    [Fact]
    public async Task Stays_small_when_every_value_is_long_and_hostile()
    {
        var sample = SampleReport.Pipeline(reconciled: false);
        var round = sample.Rounds[^1];
        var nasty = string.Concat(Enumerable.Repeat("<\u0000😀>", 60));
        DifferenceSample difference = new("changed", nasty, false, [.. Enumerable.Range(0, 40).Select(i => new CellPair(nasty + i, "text", nasty, nasty, false))]);
        var folder = Scratch.Folder("report");
        var table = round.Tables[0] with { Changed = 200, Samples = [.. Enumerable.Repeat(difference, 200)] };
        var file = new FileInfo(await ReportWriter.WriteAsync(QualityReport.Of(now, "Quality", [(sample with { Rounds = [round with { Tables = [table] }] }).Judged()]), folder));
        Assert.True(file.Length < 2_000_000, $"{file.Length} bytes");
    }

    /// <summary>Three hundred tables, twelve thousand columns, two thousand rules, all of them as nasty as can be; of one pipeline, and of forty.</summary>
    [Theory]
    [InlineData(1), InlineData(40)]
    public async Task Stays_small_whatever_a_contract_describes(int pipelines)
    {
        var sample = SampleReport.Pipeline();
        var (round, long300) = (sample.Rounds[^1], string.Concat(Enumerable.Repeat("<\u0000😀>", 50)));
        DictionaryColumn column = new(long300, long300, true, long300, long300, long300, [long300, long300], true, 0.5);
        string Name(int i) => $"table {i} {long300}"[..63];
        var big = sample with
        {
            Contract = sample.Contract with { Tables = [.. Enumerable.Range(0, 300).Select(i => new DictionaryTable(Name(i), "s", Name(i), "root", "", long300, i, [.. Enumerable.Repeat(column, 40)], [.. Enumerable.Repeat(long300, 50)]))] },
            Rules = [.. Enumerable.Range(0, 2_000).Select(i => new RuleFacts(long300, long300, $"{i}{long300}", long300, i % 2, i % 2, long300))],
            Drift = new(3, 10, 9_000, [.. Enumerable.Range(0, ReportLimits.Drift).Select(i => new DriftEntry(long300, long300, "unknown field", long300, i, 10, long300))]),
            Rounds = [round with { Tables = [.. Enumerable.Range(0, 300).Select(i => round.Tables[0] with { Table = Name(i), Reason = long300 })] }],
            TableBooks = [.. Enumerable.Range(0, 300).Select(i => sample.TableBooks[0] with { Table = Name(i) })],
            History = [.. sample.History.Select(r => r with { Reason = long300 })],
        };
        var folder = Scratch.Folder("report");
        var file = new FileInfo(await ReportWriter.WriteAsync(QualityReport.Of(now, "Quality", [.. Enumerable.Range(0, pipelines).Select(i => (big with { Pipeline = $"p{i}" }).Judged())]), folder));
        Assert.True(file.Length < ReportLimits.Bytes, $"{file.Length} bytes");
        var page = await File.ReadAllTextAsync(file.FullName);
        foreach (var said in (string[])["300 tables, 12,000 columns; the first", "of 300 tables shown, what is wrong first", "2,000 rules (", "of 9,000 shown"])
            Assert.Contains(said, page);
    }

    static string Hash(Match block) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(block.Groups[1].Value)));

    [GeneratedRegex("\\ssrc\\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Source();

    [GeneratedRegex("\\shref=\"([^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Target();

    [GeneratedRegex("\\sid=\"([^\"]*)\"")]
    private static partial Regex Id();

    [GeneratedRegex("Content-Security-Policy\" content=\"([^\"]*)\"")]
    private static partial Regex Policy();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<[^>]*\\s(style|on[a-z]+)\\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Forbidden();

    [Fact]
    public async Task Shows_rows_in_flight_and_what_a_sample_proves_where_there_are_any()
    {
        var sample = SampleReport.Pipeline();
        var round = sample.Rounds[^1];
        Assert.DoesNotContain("In flight", await RenderAsync(round.Tables[0]));
        string moving = await RenderAsync(round.Tables[0] with { InFlight = 3, OldestInFlightSeconds = 31, NotLookedAtAgain = 2, Coverage = 0.11, Bound = 0.0095 });
        Assert.Contains("In flight", moving);
        Assert.Contains("still changing when looking again ended", moving);
        Assert.Contains("2 differences were looked at once only", moving);
        Assert.Contains("with 99 % confidence fewer than", moving);

        Task<string> RenderAsync(TableReconciliation table) => ReportHtml.RenderAsync(QualityReport.Of(now, "Quality", [(sample with { Rounds = [round with { Tables = [table] }] }).Judged()]));
    }
}
