using System.Text.Json;
using Etl;
using Quality.Scheduling.Alerts;
using Tests.Shared;

namespace Quality.Tests.Scheduling;

/// <summary>Over real sockets.</summary>
public sealed class Alert_channels
{
    static readonly AlertMessage Message = new("failure", "community", "reconcile", "mismatched", "3 rows <!channel> & more differ.\nÄ", "quality reconcile community --repair", 7, 12,
        SettableTime.At("2026-11-22 00:00:05"), 2);

    static IReadOnlyList<IAlertChannel> Channels(params (string Name, string Value)[] variables) => AlertSettings.Channels(name => variables.FirstOrDefault(v => v.Name == name).Value);

    static IAlertChannel Mail(int port, string login = "", string query = "?tls=off") =>
        Channels(("QUALITY_ALERT_SMTP", $"smtp://{login}127.0.0.1:{port}/{query}"), ("QUALITY_ALERT_FROM", "quality@example.com"), ("QUALITY_ALERT_TO", "ops@example.com, night@example.com")).Single();

    [Fact]
    public async Task Post_what_Slack_reads_and_the_same_as_fields()
    {
        await using var post = await HttpListeningPost.StartAsync();
        await Channels(("QUALITY_ALERT_WEBHOOK", $"{post.Address}/services/secret")).Single().SendAsync(Message, TestContext.Current.CancellationToken);
        var (path, body) = Assert.Single(post.Posted);
        Assert.Equal("/services/secret", path);
        var json = JsonDocument.Parse(body).RootElement;
        Assert.StartsWith("community: reconcile is mismatched.\n3 rows &lt;!channel&gt; &amp; more differ.", json.GetProperty("text").GetString());
        Assert.Equal(("failure", "community", "reconcile", "mismatched", Message.Reason, Message.Advice), (json.GetProperty("kind").GetString(), json.GetProperty("pipeline").GetString(), json.GetProperty("step").GetString(),
            json.GetProperty("verdict").GetString(), json.GetProperty("reason").GetString(), json.GetProperty("advice").GetString()));
        Assert.Equal((7, 12, 2), (json.GetProperty("chain").GetInt32(), json.GetProperty("run").GetInt32(), json.GetProperty("seen").GetInt32()));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(302)] // whoever it points to is not who was meant
    public async Task Say_which_host_refused_and_not_the_secret_in_its_path(int status)
    {
        await using var post = await HttpListeningPost.StartAsync();
        post.Status = status;
        string address = post.Address;
        var refused = await Assert.ThrowsAsync<AlertNotSentException>(() => Channels(("QUALITY_ALERT_WEBHOOK", $"{address}/canary-4")).Single().SendAsync(Message, TestContext.Current.CancellationToken));
        Assert.Contains($"127.0.0.1:{new Uri(address).Port} answered {status}", refused.Message);
        Assert.DoesNotContain("canary", refused.Message);
        Assert.Single(post.Posted);
        await post.DisposeAsync();
        refused = await Assert.ThrowsAsync<AlertNotSentException>(() => Channels(("QUALITY_ALERT_WEBHOOK", $"{address}/canary-4")).Single().SendAsync(Message, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("canary", refused.Message);
    }

    [Fact]
    public async Task Send_a_mail_to_everybody_named()
    {
        await using var post = new MailListeningPost().Start();
        await Mail(post.Port).SendAsync(Message, TestContext.Current.CancellationToken);
        string mail = Assert.Single(post.Mails);
        Assert.Contains("From: quality@example.com\n", mail);
        Assert.Contains("To: ops@example.com, night@example.com\n", mail);
        Assert.Contains("Subject: [quality] community: reconcile is mismatched\n", mail);
        Assert.Contains("Auto-Submitted: auto-generated\n", mail);
        string text = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) + 2)..].Replace("\n", "")));
        Assert.Equal(Message.Text, text.ReplaceLineEndings("\n"));
        Assert.Contains("RCPT TO:<night@example.com>", post.Commands);
    }

    [Fact]
    public async Task Send_nothing_in_the_clear_where_TLS_is_not_offered_or_not_trusted()
    {
        await using var plain = new MailListeningPost().Start();
        var refused = await Assert.ThrowsAsync<AlertNotSentException>(() => Mail(plain.Port, "user:canary-5@", "").SendAsync(Message, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("canary", refused.Message);
        Assert.DoesNotContain(plain.Commands, c => c.Contains("canary") || c.StartsWith("MAIL"));

        using var strange = new TestCertificate();
        await using var stranger = new MailListeningPost(strange.Certificate).Start();
        refused = await Assert.ThrowsAsync<AlertNotSentException>(() => Mail(stranger.Port, "user:canary-5@", "").SendAsync(Message, TestContext.Current.CancellationToken));
        Assert.Contains("certificate", refused.Message);
        Assert.Equal(["STARTTLS"], stranger.Commands.Where(c => !c.StartsWith("EHLO")));
    }

    [Theory]
    [InlineData("QUALITY_ALERT_WEBHOOK=canary", "QUALITY_ALERT_WEBHOOK (not shown, it is a secret) is not the URL of a webhook.")]
    [InlineData("QUALITY_ALERT_WEBHOOK=https://canary@host/", "QUALITY_ALERT_WEBHOOK (not shown, it is a secret) is not the URL of a webhook.")]
    [InlineData("QUALITY_ALERT_SMTP=smtp://u:canary@h", "QUALITY_ALERT_SMTP is set, but not QUALITY_ALERT_FROM")]
    [InlineData("QUALITY_ALERT_TO=a@b.c", "QUALITY_ALERT_TO is set, but not QUALITY_ALERT_SMTP")]
    [InlineData("QUALITY_ALERT_SMTP=mail:canary;QUALITY_ALERT_FROM=a@b.c;QUALITY_ALERT_TO=a@b.c", "QUALITY_ALERT_SMTP (not shown, it may hold a password) is not the address of a mail server.")]
    [InlineData("QUALITY_ALERT_SMTP=smtp://u:canary@h:465;QUALITY_ALERT_FROM=a@b.c;QUALITY_ALERT_TO=a@b.c", "QUALITY_ALERT_SMTP: port 465 speaks TLS from its first byte")]
    [InlineData("QUALITY_ALERT_SMTP=smtp://u:canary@h/?tls=off;QUALITY_ALERT_FROM=a@b.c;QUALITY_ALERT_TO=a@b.c", "QUALITY_ALERT_SMTP would send the password to h in the clear.")]
    [InlineData("QUALITY_ALERT_SMTP=smtp://u:canary@h/?tls=no;QUALITY_ALERT_FROM=a@b.c;QUALITY_ALERT_TO=a@b.c", "QUALITY_ALERT_SMTP: after '?' stands tls=starttls")]
    [InlineData("QUALITY_ALERT_SMTP=smtp://h;QUALITY_ALERT_FROM=a@b.c;QUALITY_ALERT_TO=nobody", "QUALITY_ALERT_TO: 'nobody' is no mail address.")]
    [InlineData("QUALITY_ALERT_WEBHOOK_FILE=/does/not/exist", "QUALITY_ALERT_WEBHOOK_FILE names '/does/not/exist', which cannot be read")]
    public void Are_refused_where_they_are_set_up_wrongly(string variables, string message)
    {
        var pairs = variables.Split(';').Select(v => v.Split('=', 2)).Select(p => (p[0], p[1])).ToArray();
        string refused = Assert.Throws<UsageException>(() => Channels(pairs)).Message;
        Assert.StartsWith(message, refused);
        Assert.DoesNotContain("canary", refused);
    }

    [Fact]
    public void Are_none_where_none_is_set_up() => Assert.Empty(Channels());
}
