using System.Net;
using Etl.Sources.Http;
using static Etl.Tests.Sources.Http.HttpReading;
using static Etl.Tests.Sources.Http.TestApi;

namespace Etl.Tests.Sources.Http;

public sealed class Where_an_api_may_lead
{
    static readonly string Events = Ok("""[{"a":1}]""");

    static string To(string target) => Reply(302, "", $"Location: {target}\r\n");

    [Fact]
    public async Task Elsewhere_on_the_same_host()
    {
        await using var api = new TestApi(asked => asked.Target.StartsWith("/v2") ? Events : To("/v2" + asked.Target));
        Assert.Single(await ReadAsync(Options(api)));
        Assert.Equal("s3cret-t0ken", api.Requests.Last().Headers["api-token"]);
    }

    [Fact]
    public async Task Not_round_in_circles()
    {
        await using var api = new TestApi(asked => To(asked.Target));
        Assert.Contains("more than 5 redirects", await FailureAsync(Options(api)));
        Assert.Equal(6, api.Requests.Count);
    }

    [Fact]
    public async Task To_another_host_only_where_that_is_allowed_and_without_the_token()
    {
        await using var other = new TestApi(_ => Events);
        await using var api = new TestApi(_ => To($"http://localhost:{other.Port}/x"));
        var options = Options(api) with { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) };
        Assert.Contains($"A redirect leads to another host, localhost:{other.Port}", await FailureAsync(options));
        options = options with { AllowedHosts = [$"localhost:{other.Port}"] };
        Assert.Contains("'localhost' has the address 127.0.0.1, which is private", await FailureAsync(options));
        Assert.Empty(other.Requests);
        Assert.Single(await ReadAsync(options with { AllowPrivate = true }));
        Assert.DoesNotContain("api-token", Assert.Single(other.Requests).Headers.Keys);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://metadata.example/")]
    public async Task Never_to_link_local_addresses_unasked(string url)
    {
        await using var api = new TestApi(_ => Events);
        var options = Options(api) with { Url = url, Attempts = 3, Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254")]) };
        string message = await FailureAsync(options);
        Assert.Contains("link-local", message);
        Assert.DoesNotContain("Tried", message);
    }

    [Theory]
    [InlineData("8.8.8.8", "Public")]
    [InlineData("172.32.0.1", "Public")]
    [InlineData("2001:4860:4860::8888", "Public")]
    [InlineData("127.0.0.1", "Private")]
    [InlineData("0.0.0.0", "Private")]
    [InlineData("10.1.2.3", "Private")]
    [InlineData("172.16.0.1", "Private")]
    [InlineData("192.168.1.1", "Private")]
    [InlineData("100.100.100.200", "Private")]
    [InlineData("::1", "Private")]
    [InlineData("::", "Private")]
    [InlineData("fd00:ec2::254", "Private")]
    [InlineData("::ffff:10.0.0.1", "Private")]
    [InlineData("64:ff9b::7f00:1", "Private")]
    [InlineData("2002:c0a8:101::", "Private")]
    [InlineData("::7f00:1", "Private")]
    [InlineData("169.254.169.254", "LinkLocal")]
    [InlineData("::ffff:169.254.169.254", "LinkLocal")]
    [InlineData("fe80::1", "LinkLocal")]
    [InlineData("ff02::1", "LinkLocal")]
    [InlineData("255.255.255.255", "LinkLocal")]
    public void Is_told_by_the_address(string address, string reach) => Assert.Equal(reach, HostAddress.Of(IPAddress.Parse(address)).ToString());
}
