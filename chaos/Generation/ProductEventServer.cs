using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Etl;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chaos.Generation;

/// <summary>The product's API on this machine: <c>GET /events?date=YYYY-MM-DD</c> with the header <c>api-token</c>. Misbehaves now and then, as the seed says.</summary>
public sealed class ProductEventServer : IAsyncDisposable
{
    public const string Header = "api-token";

    /// <summary>The host is stopped by whoever started it, not by a signal that it hears itself.</summary>
    sealed class OwnLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    readonly WebApplication app;
    readonly ProductEventGenerator generator;
    readonly byte[] token;
    readonly bool misbehaves;
    readonly TimeProvider time;
    readonly ConcurrentDictionary<DateOnly, int> requests = [];
    readonly ConcurrentDictionary<Misbehaviour, int> misbehaved = [];

    ProductEventServer(WebApplication app, ProductEventGenerator generator, string token, bool misbehaves, TimeProvider time) =>
        (this.app, this.generator, this.token, this.misbehaves, this.time) = (app, generator, Encoding.UTF8.GetBytes(token), misbehaves, time);

    public string Uri { get; private set; } = "";

    /// <summary>How often it did what.</summary>
    public IReadOnlyDictionary<Misbehaviour, int> Misbehaved => misbehaved;

    public int Requests => requests.Values.Sum();

    /// <summary>Listens when it returns.</summary>
    /// <param name="port">0: any free one.</param>
    /// <param name="anyAddress">Whether other machines may ask, too.</param>
    /// <exception cref="UnavailableException">The port is taken.</exception>
    public static async Task<ProductEventServer> StartAsync(ProductEventGenerator generator, string token, int port = 0, bool misbehaves = true, bool anyAddress = false, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(anyAddress ? IPAddress.Any : IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
        });
        var app = builder.Build();
        var server = new ProductEventServer(app, generator, token, misbehaves, time ?? TimeProvider.System);
        app.Run(server.AnswerAsync);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new UnavailableException($"Port {port} cannot be listened on: {e.Message} Choose another with --port, or 0 for any free one.", e);
        }
        server.Uri = $"http://127.0.0.1:{new System.Uri(app.Urls.First()).Port}/events";
        return server;
    }

    async Task AnswerAsync(HttpContext context)
    {
        var cancellation = context.RequestAborted;
        if (context.Request.Path != "/events")
            await SayAsync(context, 404, "Not Found");
        else if (!System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers[Header].ToString()), token))
            await SayAsync(context, 401, "Invalid api-token");
        else if (!DateOnly.TryParseExact(context.Request.Query["date"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            await SayAsync(context, 422, "date must be YYYY-MM-DD");
        else
            await AnswerAsync(context, day, Next(day), cancellation);
    }

    /// <summary>What becomes of this request; the next one of the same day fares better.</summary>
    Misbehaviour Next(DateOnly day)
    {
        int request = requests.AddOrUpdate(day, 1, (_, n) => n + 1) - 1;
        ulong drawn = Chance.Mix((ulong)generator.Options.Seed, Chance.Mix((ulong)day.DayNumber, 2));
        var kind = (Misbehaviour)(drawn % 10);
        int inARow = 1 + (int)(drawn >> 32) % 2;
        if (kind is Misbehaviour.Slow or Misbehaviour.Cut && !generator.HasEvents(day)) // there is no body to do that to
            return Misbehaviour.None;
        if (!misbehaves || !Enum.IsDefined(kind) || request % (inARow + 1) == inARow)
            return Misbehaviour.None;
        if (kind != Misbehaviour.None)
            misbehaved.AddOrUpdate(kind, 1, (_, n) => n + 1);
        return kind;
    }

    async Task AnswerAsync(HttpContext context, DateOnly day, Misbehaviour kind, CancellationToken cancellation)
    {
        switch (kind)
        {
            case Misbehaviour.TooMany:
                context.Response.Headers.RetryAfter = "1";
                await SayAsync(context, 429, "Request was throttled.");
                return;
            case Misbehaviour.Error:
                await SayAsync(context, 500, "Internal server error");
                return;
            case Misbehaviour.HtmlPage:
                context.Response.StatusCode = 502;
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", cancellation);
                return;
        }
        if (!generator.HasEvents(day))
        {
            context.Response.StatusCode = 404;
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(ProductEventGenerator.NoEvents, cancellation);
            return;
        }
        context.Response.ContentType = "application/json";
        if (kind == Misbehaviour.None)
            await generator.WriteDayAsync(day, context.Response.Body, cancellation);
        else
            await WriteBadlyAsync(context, day, kind, cancellation);
    }

    async Task WriteBadlyAsync(HttpContext context, DateOnly day, Misbehaviour kind, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        await generator.WriteDayAsync(day, whole, cancellation);
        var body = whole.ToArray().AsMemory();
        const int pieces = 5;
        for (int piece = 0; piece < (kind == Misbehaviour.Cut ? pieces / 2 : pieces); piece++)
        {
            int from = body.Length * piece / pieces;
            await context.Response.Body.WriteAsync(body[from..(body.Length * (piece + 1) / pieces)], cancellation);
            await context.Response.Body.FlushAsync(cancellation);
            if (kind == Misbehaviour.Slow)
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
        }
        if (kind == Misbehaviour.Cut)
            context.Abort();
    }

    static async Task SayAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"detail": "{{detail}}"}""", context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        await app.StopAsync(soon.Token);
        await app.DisposeAsync();
    }
}
