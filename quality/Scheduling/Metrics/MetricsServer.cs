using System.Net;
using Etl;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Quality.Scheduling.Metrics;

/// <summary>Answers <c>GET /metrics</c> on this machine's own address.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    readonly WebApplication app;

    MetricsServer(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single() + "/metrics";

    /// <param name="port">0: any free one.</param>
    /// <exception cref="UsageException">The port is taken, or is not ours to take.</exception>
    public static async Task<MetricsServer> StartAsync(int port, PrometheusText metrics, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var app = builder.Build();
        app.Run(async context =>
        {
            if (context.Request.Path != "/metrics" || !HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.StatusCode = context.Request.Path == "/metrics" ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound;
                return;
            }
            context.Response.ContentType = PrometheusText.MediaType;
            await context.Response.WriteAsync(metrics.Read(), context.RequestAborted);
        });
        try
        {
            await app.StartAsync(cancellation);
            return new MetricsServer(app);
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new UsageException($"--metrics-port {port} cannot be listened on: {e.Message.ReplaceLineEndings(" ")} Name another, or 0 for any free one.", e);
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
