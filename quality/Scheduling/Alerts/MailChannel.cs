using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Quality.Scheduling.Alerts;

/// <summary>Sends a mail by SMTP, with STARTTLS unless it was turned off.</summary>
internal sealed class MailChannel(MailSettings settings) : IAlertChannel
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public string Name => "mail";

    public async Task SendAsync(AlertMessage message, CancellationToken cancellation)
    {
        using var client = new SmtpClient(settings.Host, settings.Port) { EnableSsl = settings.Tls, UseDefaultCredentials = false };
        if (settings.User is not null)
            client.Credentials = new NetworkCredential(settings.User, settings.Password);
        using var mail = new MailMessage
        {
            From = new MailAddress(settings.From),
            Subject = $"[quality] {message.Title}".ReplaceLineEndings(" "),
            SubjectEncoding = Encoding.UTF8,
            Body = message.Text,
            BodyEncoding = Encoding.UTF8,
        };
        foreach (string to in settings.To)
            mail.To.Add(to);
        mail.Headers.Add("Auto-Submitted", "auto-generated"); // so that no holiday notice answers it
        using var patience = new CancellationTokenSource(Patience);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await client.SendMailAsync(mail, both.Token);
        }
        catch (Exception e) when (e is SmtpException or AuthenticationException or SocketException or IOException or InvalidOperationException || e is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new AlertNotSentException($"The mail server {settings.Host}:{settings.Port} did not take the mail: {WithoutSecrets(patience.IsCancellationRequested ? $"no answer within {Patience.TotalSeconds} seconds." : Why(e))}", e);
        }
    }

    static string Why(Exception e) => e.InnerException is { } inner ? $"{e.Message} {Why(inner)}" : e.Message;

    /// <summary>A server may repeat what it was told.</summary>
    string WithoutSecrets(string text) => (settings.Password is { Length: > 0 } password
        ? text.Replace(password, "…", StringComparison.Ordinal).Replace(Convert.ToBase64String(Encoding.UTF8.GetBytes(password)), "…", StringComparison.Ordinal) : text).ReplaceLineEndings(" ");
}
