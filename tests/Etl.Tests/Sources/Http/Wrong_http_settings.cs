using Etl.Sources.Http;

namespace Etl.Tests.Sources.Http;

public sealed class Wrong_http_settings
{
    static readonly HttpOptions Good = new() { Url = "https://api.example/events", From = new DateOnly(2024, 1, 1), To = new DateOnly(2024, 1, 2) };

    static string Refusal(HttpOptions options) => Assert.Throws<UsageException>(() => new HttpSource(options)).Message;

    [Fact]
    public void Are_named_all_at_once()
    {
        string message = Refusal(Good with { ParallelDays = 0, Attempts = 1_000, To = new DateOnly(2023, 1, 1) });
        Assert.All((string[])["ParallelDays", "Attempts"], name => Assert.Contains(name, message));
        Assert.Contains("The first day, 2024-01-01, is after the last, 2023-01-01.", Refusal(Good with { To = new DateOnly(2023, 1, 1) }));
    }

    [Fact]
    public void Include_days_that_nobody_named() => Assert.Contains("--from", Refusal(Good with { From = null }));

    [Theory]
    [InlineData("ftp://h/x")]
    [InlineData("not a url")]
    [InlineData("")]
    public void Include_what_is_no_url(string url) => Assert.Contains("not the URL of an API", Refusal(Good with { Url = url }));

    [Fact]
    public void Include_a_password_in_the_url_which_is_not_shown()
    {
        string message = Refusal(Good with { Url = "https://me:s3cret@api.example/" });
        Assert.Contains("api.example", message);
        Assert.DoesNotContain("s3cret", message);
    }

    [Fact]
    public void Include_tokens_that_no_header_can_hold()
    {
        Assert.All((string[])["", " ", "a\nb", "ä", new string('x', 9_000)], value =>
            Assert.Contains("The token in HERE cannot be sent", Assert.Throws<UsageException>(() => new HttpToken("api-token", value, "HERE")).Message));
        Assert.Throws<UsageException>(() => new HttpToken("api token", "x", "HERE"));
        Assert.DoesNotContain("s3cret", $"{new HttpToken("api-token", "s3cret", "HERE")}");
    }

    [Fact]
    public void Take_the_token_from_a_variable_or_from_the_file_that_it_names()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "from-file\n");
        Assert.Equal("from-file", HttpToken.FromEnvironment("t", "V", name => name == "V_FILE" ? file : null)!.Value);
        Assert.Equal("direct", HttpToken.FromEnvironment("t", "V", name => name == "V" ? "direct" : file)!.Value);
        Assert.Null(HttpToken.FromEnvironment("t", "V", _ => null));
        File.Delete(file);
        Assert.Contains("V_FILE", Assert.Throws<UsageException>(() => HttpToken.FromEnvironment("t", "V", name => name == "V_FILE" ? file : null)).Message);
    }
}
