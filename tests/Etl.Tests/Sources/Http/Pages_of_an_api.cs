using Etl.Sources.Http;
using static Etl.Tests.Sources.Http.HttpReading;
using static Etl.Tests.Sources.Http.TestApi;

namespace Etl.Tests.Sources.Http;

public sealed class Pages_of_an_api
{
    static string List(params int[] values) => $"[{string.Join(',', values.Select(v => $$"""{"a":{{v}}}"""))}]";

    static string[] Expected(params int[] values) => [.. values.Select((v, i) => $$$"""{"_id":{"page":0,"index":{{{i}}}},"a":{{{v}}}}""")];

    static HttpOptions Whole(TestApi api) => Options(api) with { ByDay = false, From = null, To = null };

    [Fact]
    public async Task Follow_each_other_by_the_header_Link()
    {
        await using var api = new TestApi(asked => asked.Target == "/events" ? Reply(200, List(1, 2), "Link: </other>; rel=\"prev\", </p2?x=1>; rel=\"next\"\r\n") : Ok(List(3)));
        Assert.Equal(Expected(1, 2, 3), await ReadAsync(Whole(api) with { Paging = new HttpPaging.ByLinkHeader() }));
        Assert.Equal(["/events", "/p2?x=1"], api.Requests.Select(r => r.Target));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    public async Task Follow_each_other_by_a_member_of_the_answer(string last)
    {
        await using var api = new TestApi(asked => Ok(asked.Target == "/events"
            ? $$$"""{"links":{"next":"events?cursor=a%2Fb"},"data":{{{List(1, 2)}}}}""" : $$$"""{"data":{{{List(3)}}},"links":{"next":{{{last}}}}}"""));
        Assert.Equal(Expected(1, 2, 3), await ReadAsync(Whole(api) with { Member = "data", Paging = new HttpPaging.ByLinkField("links.next") }));
        Assert.Equal("/events?cursor=a%2Fb", api.Requests.Last().Target);
    }

    [Fact]
    public async Task Are_numbered_until_one_is_empty()
    {
        await using var api = new TestApi(asked => Ok(asked.Target.EndsWith("page=3") ? "[]" : List(asked.Target[^1] - '0')));
        Assert.Equal(Expected(1, 2), await ReadAsync(Whole(api) with { Paging = new HttpPaging.ByNumber("page") }));
        Assert.Equal(["/events?page=1", "/events?page=2", "/events?page=3"], api.Requests.Select(r => r.Target));
    }

    [Fact]
    public async Task Of_a_day_make_the_day()
    {
        await using var api = new TestApi(asked => Ok(asked.Target.EndsWith("page=2") ? "[]" : List(1, 2)));
        var read = await ReadAsync(Options(api, 2) with { Paging = new HttpPaging.ByNumber("page") });
        Assert.Equal([Document("2024-01-01", 0, "\"a\":1"), Document("2024-01-01", 1, "\"a\":2"), Document("2024-01-02", 0, "\"a\":1"), Document("2024-01-02", 1, "\"a\":2")], read);
    }

    [Fact]
    public async Task Begin_again_with_the_first_when_one_breaks_off()
    {
        await using var api = new TestApi(asked => asked is { Number: 0, Target: "/events?page=2" } ? "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n[{\"a\":2}," : Ok(asked.Target.EndsWith("page=3") ? "[]" : List(asked.Target[^1] - '0')));
        Assert.Equal(Expected(1, 2), await ReadAsync(Whole(api) with { Paging = new HttpPaging.ByNumber("page") }));
        Assert.Equal(5, api.Requests.Count);
    }

    [Fact]
    public async Task Do_not_go_round_in_circles_or_on_for_ever()
    {
        await using var circle = new TestApi(_ => Reply(200, List(1), "Link: </events>; rel=next\r\n"));
        Assert.Contains("page 2 leads back to an earlier one", await FailureAsync(Whole(circle) with { Paging = new HttpPaging.ByLinkHeader() }));
        await using var endless = new TestApi(_ => Ok(List(1)));
        Assert.Contains("more than 7 pages", await FailureAsync(Whole(endless) with { MaxPages = 7, Paging = new HttpPaging.ByNumber("page") }));
    }

    [Theory]
    [InlineData("http://evil.example/p2", "The link to the next page leads to another host, evil.example")]
    [InlineData("file:///etc/passwd", "leads to 'file:'")]
    public async Task Do_not_lead_elsewhere(string next, string expected)
    {
        await using var api = new TestApi(_ => Reply(200, List(1), $"Link: <{next}>; rel=next\r\n"));
        Assert.Contains(expected, await FailureAsync(Whole(api) with { Paging = new HttpPaging.ByLinkHeader() }));
    }
}
