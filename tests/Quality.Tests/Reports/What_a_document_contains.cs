using System.Text.RegularExpressions;
using Quality.Reports;
using Quality.Ui;

namespace Quality.Tests.Reports;

public sealed class What_a_document_contains
{
    const string Attack = "<script>alert(1)</script>";

    [Fact]
    public async Task Adds_no_element_to_the_page()
    {
        foreach (var attack in new[] { Attack, "\"'><img src=x onerror=alert(1)>", "</style></title></textarea><svg onload=alert(1)>" })
            foreach (var missing in (bool[])[false, true])
                Assert.Equal(await Elements(new string('x', attack.Length), missing), await Elements(attack, missing));
    }

    [Theory]
    [InlineData("a\0b", "a\\u0000b")]
    [InlineData("\u202Egnp.exe", "\\u202Egnp.exe")]
    [InlineData("zero\u200Bwidth\uFEFF", "zero\\u200Bwidth\\uFEFF")]
    [InlineData("two\nlines\t", "two\\nlines\\t")]
    [InlineData("trailing ", "trailing\\u0020")]
    [InlineData("😀 مرحبا é ß 中", "😀 مرحبا é ß 中")]
    [InlineData("\x1b[31m", "\\u001B[31m")]
    [InlineData("tag\U000E0041", "tag\\U000E0041")]
    [InlineData("", "")]
    public void Is_written_out_where_it_cannot_be_seen(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text));

    // Not a row of the theory above: attributes cannot carry half a pair.
    [Fact]
    public void Is_written_out_where_it_is_half_a_character() => Assert.Equal("half \\uD83D of a pair", VisibleText.Of("half \uD83D of a pair"));

    static async Task<int> Elements(string text, bool missing = false)
    {
        var sample = SampleReport.Pipeline(reconciled: false);
        var round = sample.Rounds[^1];
        DifferenceSample difference = new("changed", text, false, [new(text, "text", text, text, false)]);
        var html = await ReportHtml.RenderAsync(QualityReport.Of(SampleReport.Start, text, [(sample with
        {
            Pipeline = text,
            Sync = sample.Sync! with { Source = text, Contract = text },
            Rounds = [round with { Tables = [.. round.Tables.Select(t => t with { Table = text, Reason = text, Samples = [difference] })] }],
            Books = [.. sample.Books.Select(b => b with { Dataset = text })],
            TableBooks = [.. sample.TableBooks.Select(b => b with { Table = text })],
            Quarantine = sample.Quarantine with { Rules = [new(text, text, text, 3, 1, text)], Samples = [new(1, text, text, text, text, text, true, SampleReport.Start)] },
            Checks = [new(text, text, text, 2, [new(text, 2)]) { Name = text, Expected = text, Unit = text }],
            Experiments = [new(1, "corruption", text, text, 2, 1, 1, 1, new Dictionary<string, long> { [text] = 1 }, 1), new(1, text, text, text, 2, 1, 1, 1, new Dictionary<string, long>(), 1)],
            Throughput = sample.Throughput with { Datasets = [.. sample.Throughput.Datasets.Select(d => d with { Dataset = text })] },
            Rules = [new(text, text, text, text, 2, 3, text), new(text, text, text, text, 0, 0, null)],
            Drift = new(3, 10, 1, [new(text, text, text, text, 2, 3, text)]),
            Contract = new(text, text, missing ? text : null, [new(text, text, text, text)],
                [new(text, text, text, text, text, text, 3, [new(text, text, true, text, text, text, [text, text], true, 0.5)], [text])]),
            History = [.. sample.History.Select(r => r with { Command = text, Reason = text, Remarks = [text] })],
        }).Judged()]));
        return Regex.Count(Regex.Replace(html, "<(style|script)>.*?</\\1>", "", RegexOptions.Singleline), "<[a-zA-Z/!]");
    }
}
