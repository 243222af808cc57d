using System.Diagnostics;
using System.Text;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Csv;
using Tests.Shared;

namespace Etl.Tests.Sources.Csv;

public sealed class A_csv_file
{
    static byte[] Line(long line) => Bson.Make(w => w.Write("_id", line));

    [Theory]
    [InlineData("a,b\n1,x\n2,y\n")]
    [InlineData("a,b\r\n1,x\r\n2,y\r\n")]
    [InlineData("a,b\n1,x\n2,y")]
    [InlineData("\ufeffa,b\n1,x\n2,y\n")]
    [InlineData("a,b\n1,x\n2,y\n\n\n")]
    [InlineData("\"a\",\"b\"\r\n\"1\",\"x\"\r\n\"2\",\"y\"")]
    public async Task Gives_a_document_of_texts_for_each_record_with_its_line(string content)
    {
        var read = await CsvText.ReadAsync(content, "a", "b");
        Assert.Equal(["""{"_id":2,"a":"1","b":"x"}""", """{"_id":3,"a":"2","b":"y"}"""], read);
    }

    [Fact]
    public async Task Counts_the_lines_inside_of_quotes_and_those_that_are_empty() => Assert.Equal(
        ["""{"_id":3,"a":"one\ntwo\r\nthree","b":"x"}""", """{"_id":7,"a":"1","b":"y"}"""],
        await CsvText.ReadAsync("a,b\n\n\"one\ntwo\r\nthree\",x\n\n1,y\n", "a", "b"));

    [Fact]
    public async Task Keeps_delimiters_and_quotes_inside_of_quotes() => Assert.Equal(
        ["""{"_id":2,"a":"x, \"y\"","b":"\""}""", """{"_id":3,"a":" 1 ","b":"ü 👩"}"""],
        await CsvText.ReadAsync("a,b\n\"x, \"\"y\"\"\",\"\"\"\"\n 1 ,ü 👩\n", "a", "b"));

    [Theory]
    [InlineData(CsvEmpty.UnquotedIsNull, """{"_id":2,"a":null,"b":""}""")]
    [InlineData(CsvEmpty.IsNull, """{"_id":2,"a":null,"b":null}""")]
    [InlineData(CsvEmpty.IsText, """{"_id":2,"a":"","b":""}""")]
    public async Task Takes_an_empty_value_for_what_it_is_declared_to_be(CsvEmpty empty, string expected) => Assert.Equal([expected],
        await CsvText.ReadFileAsync(CsvText.File("a,b\n,\"\"\n"), new CsvOptions { Empty = empty }, "a", "b"));

    [Fact]
    public async Task Of_one_column_has_empty_lines_for_values() => Assert.Equal(
        ["""{"_id":2,"a":"x"}""", """{"_id":3,"a":null}""", """{"_id":4,"a":"y"}"""],
        await CsvText.ReadAsync("a\nx\n\ny\n", "a"));

    [Fact]
    public async Task May_have_its_columns_in_another_order_and_more_than_the_contract_knows() => Assert.Equal(
        ["""{"_id":2,"extra":"9","b":"x","_source_id":"7","a":"1"}"""],
        await CsvText.ReadAsync("extra,b,_id,a\n9,x,7,1\n", "a", "b"));

    [Theory]
    [InlineData(';')]
    [InlineData('|')]
    [InlineData('\t')]
    public async Task May_have_another_delimiter(char delimiter) => Assert.Equal(["""{"_id":2,"a":"1,5","b":"x"}"""],
        await CsvText.ReadFileAsync(CsvText.File($"a{delimiter}b\n1,5{delimiter}x\n"), new CsvOptions { Delimiter = delimiter }, "a", "b"));

    [Fact]
    public async Task Refuses_ragged_records_with_their_line_and_bytes_and_goes_on() => Assert.Equal(
        [
            """{"_id":2,"a":"1","b":"x"}""",
            """refused {"_id":3} text/csv [2] Line 3 has 1 values; the header names 2 columns.""",
            """refused {"_id":4} text/csv [3,y,z] Line 4 has 3 values; the header names 2 columns.""",
            """{"_id":5,"a":"4","b":"v"}""",
        ], await CsvText.ReadAsync("a,b\n1,x\n2\n3,y,z\n4,v\n", "a", "b"));

    [Fact]
    public async Task Refuses_misplaced_quotes_and_goes_on() => Assert.Equal(
        [
            """refused {"_id":2} text/csv [1,x"y] Line 2 has a quote inside a value that does not begin with one.""",
            """refused {"_id":3} text/csv ["1"z,x] Line 3 has something between a closing quote and the next delimiter.""",
            """{"_id":4,"a":"2","b":"y"}""",
        ], await CsvText.ReadAsync("a,b\n1,x\"y\n\"1\"z,x\n2,y\n", "a", "b"));

    [Fact]
    public async Task Refuses_the_line_of_a_quote_that_is_never_closed_and_no_other()
    {
        string rest = string.Concat(Enumerable.Range(4, 20_000).Select(n => $"{n},v\n"));
        var read = await CsvText.ReadAsync($"a,b\n1,x\n2,\"y\n{rest}", "a", "b");
        Assert.Equal("""{"_id":2,"a":"1","b":"x"}""", read[0]);
        Assert.Equal("""refused {"_id":3} text/csv [2,"y] Line 3 has a quote that is never closed. The lines behind it are read as if it had been closed there.""", read[1]);
        Assert.Equal(Enumerable.Range(4, 20_000).Select(n => $$"""{"_id":{{n}},"a":"{{n}}","b":"v"}"""), read[2..]);
    }

    [Fact]
    public async Task That_was_cut_off_inside_of_quotes_refuses_its_last_line() => Assert.Equal(
        ["""{"_id":2,"a":"1","b":"x"}""", """refused {"_id":3} text/csv [2,"y] Line 3 has a quote that is never closed."""],
        await CsvText.ReadAsync("a,b\n1,x\n2,\"y", "a", "b"));

    [Fact]
    public async Task Refuses_bytes_that_are_not_UTF8_and_keeps_them()
    {
        var read = await CsvText.ReadFileAsync(CsvText.File([.. "a,b\n1,caf"u8, 0xE9, .. "\n2,x\n"u8]), null, "a", "b");
        Assert.Equal(["refused {\"_id\":2} text/csv [1,caf\u00e9] Line 2 has bytes that are not UTF-8.", """{"_id":3,"a":"2","b":"x"}"""], read);
    }

    [Fact]
    public async Task Is_read_in_the_encoding_that_is_declared() => Assert.Equal(["""{"_id":2,"ü":"1","b":"café €"}"""],
        await CsvText.ReadFileAsync(CsvText.File([0xFC, .. ",b\n1,caf"u8, 0xE9, (byte)' ', 0x80, (byte)'\n']), new CsvOptions { Encoding = "windows-1252" }, "ü", "b"));

    [Theory]
    [InlineData("a,b\n1,\"{0}\",x\n2,y\n")]
    [InlineData("a,b\n1,\"{0}\n\n\"\n2,y\n")]
    [InlineData("a,b\n1,{0},{0}\n2,y\n")]
    [InlineData("a,b\r\n1,\"{0}\"\"{0}\"\r\n2,y\r\n")]
    public async Task Finds_the_end_of_a_record_that_is_too_large_wherever_its_buffer_ends(string form)
    {
        for (int size = 1_990; size < 2_060; size++)
        {
            var read = await CsvText.ReadFileAsync(CsvText.File(form.Replace("{0}", new string('y', size), StringComparison.Ordinal)), new CsvOptions { LargestRecord = 1_024, KeptOfLargeRecord = 256 }, "a", "b");
            Assert.Equal(2, read.Count);
            Assert.Contains("1,024 are the most", read[0], StringComparison.Ordinal);
            Assert.EndsWith(""","a":"2","b":"y"}""", read[1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Goes_on_behind_a_line_and_picks_lines()
    {
        string path = CsvText.File("a\none\n\"two\nlines\"\nthree\nfour\n");
        await using var source = new CsvSource(path);
        var dataset = CsvText.Dataset("a");
        await using (var rest = source.Scan(dataset, ScanRange.Whole, Line(3)))
            Assert.Equal(["""{"_id":5,"a":"three"}""", """{"_id":6,"a":"four"}"""], await CsvText.ReadAsync(rest));
        await using (var part = source.Scan(dataset, new ScanRange(Line(3), Line(6)), null))
            Assert.Equal(["""{"_id":3,"a":"two\nlines"}""", """{"_id":5,"a":"three"}"""], await CsvText.ReadAsync(part));
        await using (var picked = source.Pick(dataset, [Line(6), Line(2), Line(99)]))
            Assert.Equal(["""{"_id":2,"a":"one"}""", """{"_id":6,"a":"four"}"""], await CsvText.ReadAsync(picked));
        Assert.Equal(4, await source.EstimateAsync(dataset, default));
        Assert.Empty(await source.SplitAsync(dataset, 4, default));
    }

    [Theory]
    [InlineData("", "is empty: not even a header stands in it")]
    [InlineData("1,2\n3,4\n", "names none of the columns a, b: has it a header")]
    [InlineData("a;b\n1;2\n", "has it a header, and the delimiter")]
    [InlineData("a,B\n1,2\n", "it has no column 'b'. Did you mean 'B'")]
    [InlineData("a,b,a\n1,2,3\n", "the column 'a' stands 2 times")]
    [InlineData("a,b,\n1,2,3\n", "column 3 has no name")]
    [InlineData("a,\"b\n1,2\n", "a quote that is never closed")]
    public async Task With_a_header_that_does_not_fit_is_an_error_that_says_how(string content, string said)
    {
        string path = CsvText.File(content);
        await using var source = new CsvSource(path);
        var dataset = CsvText.Dataset("a", "b");
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => source.FindMissingAsync([dataset], default));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        await using var scan = source.Scan(dataset, ScanRange.Whole, null);
        await Assert.ThrowsAsync<UnavailableException>(() => scan.ReadAsync(new DocumentBatch(), default));
    }

    [Fact]
    public async Task In_UTF16_says_how_to_convert_it()
    {
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => CsvText.ReadFileAsync(CsvText.File([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a\n1\n")]), null, "a"));
        Assert.Contains("iconv -f UTF-16", failure.Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => new CsvSource("x", new CsvOptions { Encoding = "utf-16" }));
        Assert.Throws<UsageException>(() => new CsvSource("x", new CsvOptions { Encoding = "klingon" }));
        Assert.Throws<UsageException>(() => new CsvSource("x", new CsvOptions { Delimiter = 'x' }));
    }

    [Fact]
    public async Task That_cannot_be_opened_says_why()
    {
        string folder = Scratch.Folder("csv"), fifo = Path.Combine(folder, "pipe.csv"), link = Path.Combine(folder, "link.csv");
        File.WriteAllText(Path.Combine(folder, "things.csv"), "a\n1\n");
        using (var made = Process.Start("mkfifo", [fifo]))
            await made.WaitForExitAsync();
        File.CreateSymbolicLink(link, Path.Combine(folder, "things.csv"));
        Assert.Equal(["""{"_id":2,"a":"1"}"""], await CsvText.ReadFileAsync(link, null, "a"));
        foreach (var (path, said) in ((string, string)[])[(Path.Combine(folder, "thing.csv"), "does not exist. Did you mean 'things.csv'"), (folder, "is no file but a folder"), (fifo, "is no file but a folder, a pipe")])
        {
            var failure = await Assert.ThrowsAsync<UnavailableException>(() => CsvText.ReadFileAsync(path, null, "a").WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task That_is_written_while_it_is_read_is_an_error_and_no_end()
    {
        string path = CsvText.File("a\n1\n2\n3\n");
        await using var source = new CsvSource(path);
        await using var scan = source.Scan(CsvText.Dataset("a"), ScanRange.Whole, null);
        var batch = new DocumentBatch(1);
        Assert.True(await scan.ReadAsync(batch, default));
        File.AppendAllText(path, "4\n");
        var failure = await Assert.ThrowsAsync<UnavailableException>(async () =>
        {
            while (await scan.ReadAsync(batch, default))
            {
            }
        });
        Assert.Contains("was written while it was read", failure.Message, StringComparison.Ordinal);
    }
}
