using System.CommandLine;
using Chaos.Generation;
using Etl;

namespace Quality.Commands;

/// <summary><c>quality generate product-events</c>: day files, or the API itself.</summary>
internal static class ProductEventsGeneration
{
    public const string Pipeline = "product-events", TokenVariable = "QUALITY_PRODUCT_EVENTS_TOKEN", UrlVariable = "QUALITY_PRODUCT_EVENTS_URL";
    const string DefaultToken = "generated";

    /// <summary>Where sync looks when no URL is given.</summary>
    static readonly string DefaultFolder = Path.Combine(Servers.Folder, Pipeline);

    public static Command Create()
    {
        int unlessSaid = new ProductEventOptions().Days;
        var (days, live) = (GenerateCommand.Days($"from {ProductEventOptions.StartVariable} on", unlessSaid), GenerateCommand.Live("Serve the API instead of writing day files, with that many days,"));
        var folder = new Option<string?>("--out") { Description = $"Folder of the day files. Default: {DefaultFolder}", HelpName = "DIR" };
        var port = new Option<int>("--port") { Description = "Port of the API on 127.0.0.1; 0: any free one", HelpName = "N", DefaultValueFactory = _ => 8080 };
        var any = new Option<bool>("--any-address") { Description = "Let other machines ask the API, too" };
        var command = new Command(Pipeline, $"""
            Product events, as a file a day or by an HTTP API that misbehaves. Environment, with defaults: {ProductEventOptions.EventsVariable} (500), {ProductEventOptions.StartVariable} (2024-01-01), {TokenVariable} ({DefaultToken})
            """.Trim())
        {
            days, live, folder, port, any,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = (ProductEventOptions.FromEnvironment() with { Seed = Options.Seed(parsed) ?? 1, Days = parsed.GetValue(days) ?? unlessSaid }).Checked();
            if (parsed.GetValue(live))
                await ServeAsync(options, parsed.GetValue(port), parsed.GetValue(any), Options.Json(parsed), cancellation);
            else
                await WriteAsync(options, parsed.GetValue(folder), Options.Json(parsed), cancellation);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Writes a file for each day.</summary>
    static async Task WriteAsync(ProductEventOptions options, string? folder, bool json, CancellationToken cancellation)
    {
        Terminal.Say($"Seed {options.Seed}.");
        var summary = await new ProductEventGenerator(options).WriteFilesAsync(folder ?? DefaultFolder, cancellation);
        if (json)
            JsonOutput.Write(summary);
        else
            Terminal.Say($"""
                {summary.FirstDay:yyyy-MM-dd} to {summary.LastDay:yyyy-MM-dd}: {summary.Events:N0} events on {summary.Days:N0} days, {summary.ToldAgain:N0} of them told again; {summary.EmptyDays:N0} days without.
                {UrlVariable}=file:{summary.Folder}
                """);
    }

    /// <summary>Serves the API until stopped.</summary>
    static async Task ServeAsync(ProductEventOptions options, int port, bool anyAddress, bool json, CancellationToken cancellation)
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
