using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Quality.Tests.Scheduling;

/// <summary>Takes what is posted to it, on a real socket.</summary>
sealed class HttpListeningPost : IAsyncDisposable
{
    readonly WebApplication app;

    HttpListeningPost(WebApplication app) => this.app = app;

    public ConcurrentQueue<(string Path, byte[] Body)> Posted { get; } = [];

    /// <summary>What is answered.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    public string Address => app.Urls.Single();

    public static async Task<HttpListeningPost> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var post = new HttpListeningPost(builder.Build());
        post.app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            post.Posted.Enqueue((context.Request.Path, body.ToArray()));
            context.Response.StatusCode = post.Status;
            context.Response.Headers.Location = "/elsewhere";
        });
        await post.app.StartAsync();
        return post;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
