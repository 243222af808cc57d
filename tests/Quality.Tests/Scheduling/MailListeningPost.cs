using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Quality.Tests.Scheduling;

/// <summary>A mail server for one test: takes every mail, and keeps it.</summary>
/// <param name="certificate">Null: it knows no STARTTLS.</param>
sealed class MailListeningPost(X509Certificate2? certificate = null) : IAsyncDisposable
{
    readonly TcpListener listener = Listen();
    readonly CancellationTokenSource done = new();
    Task? serving;

    static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Whole, as they came.</summary>
    public ConcurrentQueue<string> Mails { get; } = [];

    /// <summary>Commands, decoded where they are a login; those within TLS begin with "TLS ".</summary>
    public ConcurrentQueue<string> Commands { get; } = [];

    public MailListeningPost Start()
    {
        serving = ServeAsync();
        return this;
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(done.Token);
                try
                {
                    await TalkAsync(client.GetStream());
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client left, as one does that does not trust the certificate.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    async Task TalkAsync(Stream stream)
    {
        await SayAsync(stream, "220 test");
        string safe = "";
        while (await LineAsync(stream) is { } line)
        {
            Commands.Enqueue(safe + line);
            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await SayAsync(stream, certificate is not null && safe.Length == 0 ? "250-test\r\n250 STARTTLS" : "250-test\r\n250 AUTH LOGIN");
                    break;
                case "STARTTLS" when certificate is not null:
                    await SayAsync(stream, "220 go");
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(certificate);
                    (stream, safe) = (tls, "TLS ");
                    break;
                case "AUTH":
                    if (line.Split(' ').Length < 3)
                    {
                        await SayAsync(stream, "334 VXNlcm5hbWU6");
                        Commands.Enqueue($"{safe}user {Plain(await LineAsync(stream))}");
                    }
                    else
                        Commands.Enqueue($"{safe}user {Plain(line.Split(' ')[2])}");
                    await SayAsync(stream, "334 UGFzc3dvcmQ6");
                    Commands.Enqueue($"{safe}password {Plain(await LineAsync(stream))}");
                    await SayAsync(stream, "235 welcome");
                    break;
                case "DATA":
                    await SayAsync(stream, "354 go on");
                    var mail = new StringBuilder();
                    while (await LineAsync(stream) is { } text && text != ".")
                        mail.Append(text).Append('\n');
                    Mails.Enqueue(mail.ToString());
                    await SayAsync(stream, "250 taken");
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 bye");
                    return;
                default:
                    await SayAsync(stream, "250 fine");
                    break;
            }
        }
    }

    static string Plain(string? base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64 ?? ""));

    static async Task SayAsync(Stream stream, string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));

    /// <summary>Byte by byte: what follows STARTTLS must not be read with it.</summary>
    static async Task<string?> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            else
                line.Append((char)one[0]);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        if (serving is not null)
            await serving;
        listener.Stop();
        done.Dispose();
    }
}
