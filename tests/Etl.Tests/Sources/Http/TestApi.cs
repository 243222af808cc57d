using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Etl.Tests.Sources.Http;

/// <summary>What a test's API was asked.</summary>
/// <param name="Number">From 0, of the requests for the same target.</param>
internal sealed record Asked(string Target, IReadOnlyDictionary<string, string> Headers, int Number)
{
    public string Day => Target.Split("date=")[^1];
}

/// <summary>A server on a socket of this machine that answers byte by byte what a test says, also what no decent server would.</summary>
internal sealed class TestApi : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stopping = new();
    readonly Func<Asked, Stream, CancellationToken, Task> answer;
    readonly ConcurrentDictionary<string, int> targets = [];
    readonly Task accepting;
    int open;

    public TestApi(Func<Asked, Stream, CancellationToken, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Answers with whole texts.</summary>
    public TestApi(Func<Asked, string> answer) : this((asked, stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(answer(asked)), token).AsTask())
    {
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}/events";

    public ConcurrentQueue<Asked> Requests { get; } = [];

    public int MostAtOnce { get; private set; }

    public static string Reply(int status, string body, string headers = "") =>
        $"HTTP/1.1 {status} Because\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}";

    public static string Ok(string body) => Reply(200, body);

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using (client)
            try
            {
                lock (stopping)
                    MostAtOnce = Math.Max(MostAtOnce, ++open);
                var stream = client.GetStream();
                string head = "";
                var buffer = new byte[4096];
                while (!head.Contains("\r\n\r\n", StringComparison.Ordinal))
                {
                    int count = await stream.ReadAsync(buffer, stopping.Token);
                    if (count == 0)
                        return;
                    head += Encoding.ASCII.GetString(buffer, 0, count);
                }
                string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
                string target = lines[0].Split(' ')[1];
                var asked = new Asked(target, lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1], StringComparer.OrdinalIgnoreCase), targets.AddOrUpdate(target, 0, (_, n) => n + 1));
                Requests.Enqueue(asked);
                await answer(asked, stream, stopping.Token);
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // The client has gone, or the test is over.
            }
            finally
            {
                lock (stopping)
                    open--;
            }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting;
    }
}
