using System.IO.Compression;
using Etl.Sources.Http;
using Tests.Shared;
using static Etl.Tests.Sources.Http.HttpReading;

namespace Etl.Tests.Sources.Http;

public sealed class A_folder_of_day_files
{
    readonly string folder = Scratch.Folder("days");

    HttpOptions Files => new() { Url = $"file:{folder}" };

    void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    [Fact]
    public async Task Is_read_like_the_api_from_its_first_day_to_its_last()
    {
        Write("2024-01-01.json", """[{"a":1}]""");
        Write("2024-01-02.json", """ {"detail": "No event found for date"}""");
        await using (var packed = new GZipStream(File.Create(Path.Combine(folder, "2024-01-03.json.gz")), CompressionLevel.Fastest))
            packed.Write("""[{"a":2}]"""u8);
        Write("notes.txt", "");
        Write("2024-01-04.json.new", "[");
        string[] expected = [Document("2024-01-01", 0, "\"a\":1"), Document("2024-01-03", 0, "\"a\":2")];
        Assert.Equal(expected, await ReadAsync(Files));
        Assert.Equal(expected, await ReadAsync(Files with { Url = $"file://{folder}" }));
        Assert.Equal(expected[1..], await ReadAsync(Files with { From = new DateOnly(2024, 1, 2), To = new DateOnly(2024, 1, 3) }));
    }

    [Theory]
    [InlineData("""[{"a":1},""", "broke off")]
    [InlineData("", "is empty")]
    [InlineData("<html>", "HTML")]
    [InlineData("""{"detail":"Invalid api-token"}""", "a file that is no list: the body begins with '{\"detail\":\"Invalid")]
    public async Task Names_a_day_that_is_no_list(string text, string expected)
    {
        Write("2024-01-01.json", text);
        string message = await FailureAsync(Files with { Attempts = 1 });
        Assert.Contains("2024-01-01", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public async Task Is_not_a_day_without_events_where_a_file_is_missing()
    {
        Write("2024-01-01.json", "[]");
        Write("2024-01-03.json", "[]");
        string message = await FailureAsync(Files);
        Assert.Contains("has no file 2024-01-02.json. It holds 2024-01-01 to 2024-01-03, 2 days", message);
    }

    [Fact]
    public void Is_named_where_there_is_none_or_none_to_read()
    {
        Assert.Contains(folder, Assert.Throws<UnavailableException>(() => new HttpSource(Files)).Message);
        Directory.Delete(folder);
        Assert.Contains(folder, Assert.Throws<UnavailableException>(() => new HttpSource(Files)).Message);
    }
}
