using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Quality.Tests.Acceptance;

/// <summary>An API that answers with what lies in a folder of day files as it is now; a day can be kept waiting.</summary>
sealed class DayServer : IDisposable
{
    readonly HttpListener listener = new();
    readonly string folder;
    readonly ConcurrentDictionary<string, TaskCompletionSource> held = new();

    public DayServer(string folder)
    {
        this.folder = folder;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Uri = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }
        listener.Prefixes.Add(Uri);
        listener.Start();
        _ = ServeAsync();
    }

    public string Uri { get; }

    public string FileOf(string day) => Path.Combine(folder, $"{day}.json");

    public void Hold(string day) => held[day] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string day)
    {
        if (held.TryRemove(day, out var waiting))
            waiting.SetResult();
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Being closed is how serving ends.
        }
    }

    async Task AnswerAsync(HttpListenerContext context)
    {
        string day = context.Request.QueryString["date"]!;
        if (held.TryGetValue(day, out var waiting))
            await waiting.Task;
        try
        {
            byte[] body = await File.ReadAllBytesAsync(FileOf(day));
            context.Response.StatusCode = body[0] == '[' ? 200 : 404;
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Who asked was killed meanwhile.
        }
    }

    public void Dispose() => listener.Close();
}
