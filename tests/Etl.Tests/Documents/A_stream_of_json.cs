using System.Text;
using Etl.Documents;

namespace Etl.Tests.Documents;

public sealed class A_stream_of_json
{
    /// <summary>Gives at most so many bytes a read, as networks do.</summary>
    sealed class Drip(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }

    static async Task<List<string>> ReadAll(string text, int most = 7)
    {
        var documents = new ExtendedJsonStream(new Drip(Encoding.UTF8.GetBytes(text), most));
        var read = new List<string>();
        while (await documents.ReadAsync())
            read.Add(ExtendedJson.ToString(documents.Document.Span));
        return read;
    }

    [Theory]
    [InlineData("""[{"a":1},{"b":"}{\"["} , {"c":{"d":[{}]}}]""")]
    [InlineData("""{"a":1}{"b":"}{\"["}  {"c":{"d":[{}]}}""")]
    [InlineData("{\"a\":1}\n{\"b\":\"}{\\\"[\"}\r\n{\"c\":{\"d\":[{}]}}\n")]
    public async Task Gives_the_documents_of_an_array_or_of_lines(string text)
    {
        foreach (int most in new[] { 1, 2, 100 })
            Assert.Equal(["""{"a":1}""", """{"b":"}{\"["}""", """{"c":{"d":[{}]}}"""], await ReadAll(text, most));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData(" [ ] ")]
    public async Task May_hold_nothing(string text) => Assert.Empty(await ReadAll(text));

    [Theory]
    [InlineData("[{}", "the array has no end", 1, 4)]
    [InlineData("[{},]", "an element of the array that is not an object, or no comma before it", 1, 5)]
    [InlineData("[{}{}]", "an element of the array that is not an object, or no comma before it", 1, 4)]
    [InlineData("[{},\n 1]", "an element of the array that is not an object, or no comma before it", 2, 2)]
    [InlineData("{}\n\n{\"a\":", "a document without its end", 3, 1)]
    [InlineData("{}\n]", "something that is not an object", 2, 1)]
    [InlineData("[]{}", "something that is not an object", 1, 3)]
    public async Task Says_where_it_stops_being_one(string text, string problem, long line, long column)
    {
        var refused = await Assert.ThrowsAsync<ExtendedJsonException>(() => ReadAll(text));
        Assert.Equal((problem, line, column), (refused.Problem, refused.Line, refused.Column));
    }

    [Fact]
    public async Task Goes_on_behind_a_document_that_is_wrong()
    {
        var documents = new ExtendedJsonStream(new Drip(Encoding.UTF8.GetBytes("[{\"a\":1},\n  {\"a\":tru},{\"a\":2}]"), 3));
        Assert.True(await documents.ReadAsync());
        var refused = await Assert.ThrowsAsync<ExtendedJsonException>(async () => await documents.ReadAsync());
        Assert.Equal((2, "a", "{\"a\":tru}", 12), (refused.Line, refused.Path, Encoding.UTF8.GetString(documents.Text.Span), documents.Offset));
        Assert.InRange(refused.Column, 3, 12);
        Assert.True(await documents.ReadAsync());
        Assert.Equal("""{"a":2}""", ExtendedJson.ToString(documents.Document.Span));
        Assert.False(await documents.ReadAsync());
    }

    [Fact]
    public async Task Holds_one_document_at_a_time()
    {
        const int documents = 2_000;
        string big = new('x', 50_000);
        var stream = new ExtendedJsonStream(new Endless(Encoding.UTF8.GetBytes($"{{\"a\":\"{big}\"}}\n"), documents));
        int read = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (await stream.ReadAsync())
            read++;
        Assert.Equal(documents, read);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, documents * 20_000L); // 100 MB went through
    }

    sealed class Endless(byte[] piece, int times) : MemoryStream
    {
        long sent;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (sent == (long)piece.Length * times)
                return new(0);
            int at = (int)(sent % piece.Length), count = Math.Min(buffer.Length, piece.Length - at);
            piece.AsSpan(at, count).CopyTo(buffer.Span);
            sent += count;
            return new(count);
        }
    }

    [Fact]
    public async Task Refuses_a_document_without_measure()
    {
        var documents = new ExtendedJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('x', 300_000)}\"}}")), maxTextBytes: 100_000);
        var refused = await Assert.ThrowsAsync<ExtendedJsonException>(async () => await documents.ReadAsync());
        Assert.Equal("a document of more than 100000 bytes", refused.Problem);
        Assert.False(await documents.ReadAsync());
    }
}
