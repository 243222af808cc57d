using System.Net.Mail;
using Etl;

namespace Quality.Scheduling.Alerts;

/// <summary>Who is told, by the environment: the addresses hold secrets, which a command line would show to everybody on the machine.</summary>
internal static class AlertSettings
{
    public const string Webhook = "QUALITY_ALERT_WEBHOOK", Smtp = "QUALITY_ALERT_SMTP", From = "QUALITY_ALERT_FROM", To = "QUALITY_ALERT_TO";

    const int SubmissionPort = 587, ImplicitTlsPort = 465;

    /// <param name="environment">Reads a variable.</param>
    /// <returns>None where nothing is set.</returns>
    /// <exception cref="UsageException">A setting that cannot be used; its value is not in the message.</exception>
    public static IReadOnlyList<IAlertChannel> Channels(Func<string, string?> environment)
    {
        var channels = new List<IAlertChannel>();
        if (Secret(Webhook, environment) is { } webhook)
            channels.Add(new WebhookChannel(WebhookUrl(webhook)));
        if (Mail(environment) is { } mail)
            channels.Add(new MailChannel(mail));
        return channels;
    }

    static Uri WebhookUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.UserInfo.Length == 0 ? url
        : throw new UsageException($"{Webhook} (not shown, it is a secret) is not the URL of a webhook. It begins with https:// or http://, and holds no user@.");

    internal static MailSettings? Mail(Func<string, string?> environment)
    {
        string? from = Text(From, environment), to = Text(To, environment);
        if (Secret(Smtp, environment) is not { } smtp)
            return from is null && to is null ? null : throw new UsageException($"{(from is null ? To : From)} is set, but not {Smtp}: say where mail goes out, as in smtp://user:password@mail.example.com:587.");
        if (from is null || to is null)
            throw new UsageException($"{Smtp} is set, but not {(from is null ? From : To)}: say {(from is null ? "which address the mail is from" : "whom to tell, with commas between addresses")}.");
        if (!Uri.TryCreate(smtp, UriKind.Absolute, out var uri) || uri.Scheme != "smtp" || uri.Host.Length == 0 || uri.AbsolutePath is not ("/" or ""))
            throw new UsageException($"{Smtp} (not shown, it may hold a password) is not the address of a mail server. Write smtp://user:password@mail.example.com:587; what is not letters and digits in user or password is percent-encoded.");
        bool tls = uri.Query switch
        {
            "" or "?tls=starttls" => true,
            "?tls=off" => false,
            _ => throw new UsageException($"{Smtp}: after '?' stands tls=starttls, the default, or tls=off."),
        };
        string[] login = uri.UserInfo.Split(':', 2);
        if (login[0].Length > 0 && !tls && !uri.IsLoopback)
            throw new UsageException($"{Smtp} would send the password to {uri.Host} in the clear. Leave out tls=off, or the user.");
        int port = uri.Port > 0 ? uri.Port : SubmissionPort;
        if (port == ImplicitTlsPort)
            throw new UsageException($"{Smtp}: port {ImplicitTlsPort} speaks TLS from its first byte, which is not spoken here. Take the server's port for STARTTLS, usually {SubmissionPort}.");
        return new MailSettings(uri.IdnHost, port, tls, login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null, login.Length == 2 ? Uri.UnescapeDataString(login[1]) : null,
            Address(from, From), [.. to.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(t => Address(t, To))]);
    }

    static string Address(string text, string variable) => MailAddress.TryCreate(text, out _) ? text
        : throw new UsageException($"{variable}: '{text}' is no mail address. Write one as ops@example.com{(variable == To ? ", several with commas between them" : "")}.");

    static string? Text(string variable, Func<string, string?> environment) => environment(variable) is { Length: > 0 } text ? text.Trim() : null;

    /// <summary>The variable's value, or the content of the file that VARIABLE_FILE names.</summary>
    static string? Secret(string variable, Func<string, string?> environment)
    {
        if (Text(variable, environment) is { } value)
            return value;
        if (Text($"{variable}_FILE", environment) is not { } file)
            return null;
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{variable}_FILE names '{file}', which cannot be read: {e.Message}", e);
        }
    }
}
