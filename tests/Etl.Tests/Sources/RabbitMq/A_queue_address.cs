using Etl.Sources.RabbitMq;

namespace Etl.Tests.Sources.RabbitMq;

public sealed class A_queue_address
{
    static RabbitMqAddress Parse(string text, out RabbitMqOptions options)
    {
        options = new RabbitMqOptions();
        return RabbitMqAddress.Parse(text, ref options);
    }

    [Fact]
    public void Has_defaults_for_what_it_does_not_say()
    {
        var address = Parse("amqp://localhost", out var options);
        Assert.Equal(("localhost", 5672, false, "guest", "guest", "/", null), (address.Host, address.PortNumber, address.IsTls, address.User, address.Password, address.VirtualHost, address.Queue));
        Assert.Equal(new RabbitMqOptions(), options);
        Assert.Equal(5671, Parse("amqps://localhost", out _).PortNumber);
    }

    [Fact]
    public void Says_everything_else()
    {
        var address = Parse("amqps://me:p%40ss%2Fword@[::1]:7000/my%2Fvhost?queue=user%20events&declare=quorum&prefetch=50&quiet=70&heartbeat=5&connection_timeout=900&verify=verify_none", out var options);
        Assert.Equal(("::1", 7000, true, "me", "p@ss/word", "my/vhost", "user events"), (address.Host, address.PortNumber, address.IsTls, address.User, address.Password, address.VirtualHost, address.Queue));
        Assert.Equal((QueueDeclaration.Quorum, false), (address.Declaration, address.VerifiesCertificate));
        Assert.Equal((50, 70, 5, 900), (options.Prefetch, options.Quiet, options.Heartbeat, options.ConnectTimeout));
        Assert.Equal("amqps://[::1]:7000/my%2Fvhost", address.ToString());
    }

    [Theory]
    [InlineData("http://me:secret@host/")]
    [InlineData("amqp:secret")]
    [InlineData("host:5672/secret")]
    [InlineData("")]
    public void Of_another_form_is_refused_and_not_shown(string text)
    {
        var refusal = Assert.Throws<UsageException>(() => Parse(text, out _));
        Assert.Contains("amqp://user:password@host", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a/b", "%2F")]
    [InlineData("/?queu=x", "Did you mean 'queue'")]
    [InlineData("/?queue=", "queue has no value")]
    [InlineData("/?queue=a&queue=b", "queue stands twice")]
    [InlineData("/?declare=stream", "allowed: passive, classic, quorum")]
    [InlineData("/?prefetch=many", "no whole number")]
    [InlineData("/?prefetch=0", "Prefetch")]
    [InlineData("/?verify=verify_none", "are for amqps")]
    [InlineData("/?queue=x#y", "%23")]
    public void With_mistakes_is_refused_and_they_are_named(string rest, string named)
    {
        var refusal = Assert.Throws<UsageException>(() => Parse($"amqp://me:secret@host{rest}", out _));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }
}
