using Chaos.Generation;
using Etl;

namespace Quality.Commands;

/// <summary><c>quality generate product-events</c>: day files, or the API itself.</summary>
internal static class ProductEventsGeneration
{
    public const string Pipeline = "product-events", TokenVariable = "QUALITY_PRODUCT_EVENTS_TOKEN", UrlVariable = "QUALITY_PRODUCT_EVENTS_URL";
    const string DefaultToken = "generated";

    /// <summary>Writes a file for each day.</summary>
    public static async Task WriteAsync(ProductEventOptions options, string? folder, bool json, CancellationToken cancellation)
    {
        Terminal.Say($"Seed {options.Seed}.");
        var summary = await new ProductEventGenerator(options).WriteFilesAsync(folder ?? Path.Combine(Servers.Folder, Pipeline), cancellation);
        if (json)
            JsonOutput.Write(summary);
        else
            Terminal.Say($"""
                {summary.FirstDay:yyyy-MM-dd} to {summary.LastDay:yyyy-MM-dd}: {summary.Events:N0} events on {summary.Days:N0} days, {summary.ToldAgain:N0} of them told again; {summary.EmptyDays:N0} days without.
                {UrlVariable}=file:{summary.Folder}
                """);
    }

    /// <summary>Serves the API until stopped.</summary>
    public static async Task ServeAsync(ProductEventOptions options, int port, bool anyAddress, bool json, CancellationToken cancellation)
    {
        if (port is < 0 or > 65535)
            throw new UsageException($"--port must be from 0 to 65535, not {port}.");
        string? token = Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } given ? given : null;
        await using var server = await ProductEventServer.StartAsync(new ProductEventGenerator(options), token ?? DefaultToken, port, misbehaves: true, anyAddress, TimeProvider.System, cancellation);
        if (json)
            JsonOutput.Write(new { uri = server.Uri, process = Environment.ProcessId });
        Terminal.Say($"""
            Seed {options.Seed}. {options.Start:yyyy-MM-dd} to {options.Last:yyyy-MM-dd}, with 429, 500, HTML pages, slow and cut bodies now and then. Ctrl-C stops it (process {Environment.ProcessId}).
            {UrlVariable}={server.Uri}
            {(token is null ? $"{TokenVariable}={DefaultToken}" : $"Its token is that of {TokenVariable}.")}
            """);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Being stopped is how this command ends.
        }
        Terminal.Say($"{server.Requests:N0} requests answered; misbehaved: {string.Join(", ", server.Misbehaved.OrderBy(m => m.Key).Select(m => $"{m.Key} {m.Value:N0}"))}.");
    }
}
