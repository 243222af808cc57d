using System.Net;
using System.Net.Sockets;
using System.Text;
using Chaos.Generation;

namespace Benchmarks;

/// <summary>Answers every request with the same long list, as fast as the socket takes it: what is measured is the reader.</summary>
internal sealed class ProductBody : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stopping = new();
    readonly byte[] body;
    readonly int times;
    Task accepting = Task.CompletedTask;

    ProductBody(byte[] body, int times) => (this.body, this.times) = (body, times);

    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/events";

    /// <param name="events">A multiple of ten thousand: so many are made, and sent again and again.</param>
    public static async Task<ProductBody> StartAsync(int events)
    {
        const int made = 10_000;
        using var text = new MemoryStream();
        var generator = new ProductEventGenerator(new ProductEventOptions { EventsPerDay = made * 2 });
        await generator.WriteDayAsync(generator.Options.Start, text, default);
        using var json = System.Text.Json.JsonDocument.Parse(text.ToArray());
        string block = string.Join(',', json.RootElement.EnumerateArray().Take(made).Select(e => e.GetRawText()));
        var server = new ProductBody(Encoding.UTF8.GetBytes(block), events / made);
        server.listener.Start();
        server.accepting = server.AcceptAsync();
        return server;
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var request = new byte[4_096];
            _ = await stream.ReadAsync(request, stopping.Token);
            long length = 2 + (long)body.Length * times + times - 1;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n["));
            for (int i = 0; i < times; i++)
            {
                if (i > 0)
                    await stream.WriteAsync(","u8.ToArray());
                await stream.WriteAsync(body);
            }
            await stream.WriteAsync("]"u8.ToArray());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await accepting;
        listener.Dispose();
    }
}
