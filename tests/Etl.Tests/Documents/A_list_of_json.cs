using System.Text;
using Etl.Documents;

namespace Etl.Tests.Documents;

public sealed class A_list_of_json
{
    static JsonListReader Reader(string text, int most, JsonListOptions? options = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int at = 0;
        return new JsonListReader((buffer, _) =>
        {
            int count = Math.Min(Math.Min(most, buffer.Length), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(buffer.Span);
            at += count;
            return ValueTask.FromResult(count);
        }, options);
    }

    static readonly JsonListOptions Small = new() { BufferBytes = 16 };

    static async Task<List<string>> All(JsonListReader list)
    {
        var read = new List<string>();
        while (await list.ReadAsync())
            read.Add(list.Problem ?? Encoding.UTF8.GetString(list.Element.Span));
        Assert.False(await list.ReadAsync());
        return read;
    }

    [Theory]
    [InlineData("[]", new string[0])]
    [InlineData(" [ ] \n", new string[0])]
    [InlineData("\uFEFF[{}]", new[] { "{}" })]
    [InlineData("""[{"a":"}{\"[\\"} , {"b":[{},[]]},1,-2.5e3 ,"x,]",null, [3]]""", new[] { """{"a":"}{\"[\\"}""", """{"b":[{},[]]}""", "1", "-2.5e3", "\"x,]\"", "null", "[3]" })]
    public async Task Gives_its_elements_as_they_stand_however_the_bytes_arrive(string text, string[] expected)
    {
        foreach (int most in (int[])[1, 2, 3, 7, 1_000])
            Assert.Equal(expected, await All(Reader(text, most, Small)));
    }

    [Fact]
    public async Task Is_not_stopped_by_an_element_that_is_no_JSON() => Assert.Equal(["""{"a":tru}""", """{"b":1}"""], await All(Reader("""[{"a":tru},{"b":1}]""", 3)));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("[")]
    [InlineData("[{}")]
    [InlineData("[{},")]
    [InlineData("""[{"a":"]""")]
    [InlineData("[{\"a\":\"\\")]
    [InlineData("[12")]
    public async Task Is_cut_where_it_has_no_end(string text) =>
        Assert.True((await Assert.ThrowsAsync<JsonListException>(() => All(Reader(text, 3)))).IsCut);

    [Theory]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("\"x\"")]
    [InlineData("[,]")]
    [InlineData("[1,]")]
    [InlineData("[1,,2]")]
    [InlineData("[1 2]")]
    [InlineData("[{}{}]")]
    [InlineData("[1] x")]
    [InlineData("[1][2]")]
    [InlineData("[}")]
    public async Task Is_none_where_it_is_written_otherwise(string text) =>
        Assert.False((await Assert.ThrowsAsync<JsonListException>(() => All(Reader(text, 3)))).IsCut);

    [Theory]
    [InlineData(3)]
    [InlineData(1_000)]
    public async Task Lies_in_a_member_of_an_object_with_the_link_to_the_next(int most)
    {
        var options = new JsonListOptions { Member = "data", Kept = "links", BufferBytes = 16 };
        var list = Reader("""{"count":2,"data":[{"a":1},{"a":2}],"links":{"next":"/p2"},"more":[[]]}""", most, options);
        Assert.Equal(["""{"a":1}""", """{"a":2}"""], await All(list));
        Assert.Equal("""{"next":"/p2"}""", Encoding.UTF8.GetString(list.Kept!));
        list = Reader("""{"links":null,"data":null}""", most, options);
        Assert.Empty(await All(list));
        Assert.Equal("null", Encoding.UTF8.GetString(list.Kept!));
        Assert.Contains("'data'", (await Assert.ThrowsAsync<JsonListException>(() => All(Reader("""{"items":[]}""", most, options)))).Problem);
    }

    [Fact]
    public async Task Passes_over_an_element_that_is_too_large_and_keeps_its_beginning()
    {
        string large = $$"""{"a":"{{new string('x', 300_000)}}"}""";
        var list = Reader($"[1,{large},2]", 1_000, new JsonListOptions { MaxElementBytes = 100_000 });
        Assert.True(await list.ReadAsync());
        Assert.True(await list.ReadAsync());
        Assert.StartsWith($"{large.Length:N0} bytes, more than 100,000", list.Problem);
        Assert.Equal(large[..JsonListReader.KeptBytes], Encoding.UTF8.GetString(list.Element.Span));
        Assert.True(await list.ReadAsync());
        Assert.Equal(("2", null), (Encoding.UTF8.GetString(list.Element.Span), list.Problem));
        Assert.False(await list.ReadAsync());
    }

    /// <summary>Two gigabytes as they would come from a network, and an element of a gigabyte among them.</summary>
    [Fact]
    public async Task Of_any_length_takes_the_same_memory()
    {
        byte[] block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($$"""{"a":"{{new string('x', 680)}}"},""", 1_000)));
        byte[] filler = new byte[1 << 20];
        Array.Fill(filler, (byte)'y');
        const int blocks = 1_500, fillers = 1_024;
        int step = 0, from = 0;
        ReadOnlyMemory<byte> Piece() => step == 0 ? "["u8.ToArray() : step <= blocks ? block : step == blocks + 1 ? "\""u8.ToArray() : step <= blocks + 1 + fillers ? filler : step == blocks + 2 + fillers ? "\"]"u8.ToArray() : default;
        var list = new JsonListReader((buffer, _) =>
        {
            var piece = Piece();
            int count = Math.Min(buffer.Length, piece.Length - from);
            piece.Span.Slice(from, count).CopyTo(buffer.Span);
            from += count;
            if (from == piece.Length)
                (step, from) = (step + 1, 0);
            return ValueTask.FromResult(count);
        });
        long before = GC.GetAllocatedBytesForCurrentThread(), elements = 0, large = 0;
        while (await list.ReadAsync(TestContext.Current.CancellationToken))
        {
            elements++;
            large += list.Problem is null ? 0 : 1;
        }
        Assert.Equal((blocks * 1_000 + 1, 1), (elements, large));
        Assert.True(list.Offset > 1_000_000_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 120_000_000); // the buffer that doubled up to the limit of one element
    }
}
