using Etl;
using Etl.Loading;
using Quality.Scheduling;
using Quality.Scheduling.Alerts;
using Quality.Scheduling.Metrics;

namespace Quality.Commands;

/// <summary>What chains need besides their pipeline, as the environment sets it up: alerts and metrics.</summary>
internal sealed class ChainParts : IDisposable
{
    readonly IReadOnlyList<IAlertChannel> channels;
    readonly Telemetry telemetry;

    /// <param name="typed">How each pipeline, by its name, is written on a command line.</param>
    /// <param name="prometheus">Null: nobody asks for metrics.</param>
    /// <exception cref="UsageException">Alerts are set up wrongly.</exception>
    public ChainParts(IReadOnlyDictionary<string, string> typed, PrometheusText? prometheus)
    {
        channels = AlertSettings.Channels(Environment.GetEnvironmentVariable);
        Book = new AlertBook([.. channels.Select(c => c.Name)], typed);
        Meter = new ChainMeter(TimeProvider.System);
        telemetry = new Telemetry(ChainMeter.Name, prometheus);
        Sender = new AlertSender(channels, Book, Meter, TimeProvider.System, Terminal.Say);
    }

    public AlertBook Book { get; }

    public AlertSender Sender { get; }

    public ChainMeter Meter { get; }

    /// <summary>Whom alerts reach, for people.</summary>
    public string Told => channels.Count == 0 ? $"nobody: set {AlertSettings.Webhook} or {AlertSettings.Smtp}" : string.Join(" and ", channels.Select(c => c.Name));

    public Chain Chain(Warehouse warehouse) => new(warehouse, Book, Meter, TimeProvider.System);

    /// <summary>What the chain brought up, and what is still to be sent from earlier ones.</summary>
    public async Task SendAsync(Warehouse warehouse, string pipeline, CancellationToken cancellation)
    {
        try
        {
            await using var journal = await warehouse.OpenJournalAsync(TimeProvider.System, cancellation);
            await Sender.SendAsync(journal, pipeline, cancellation);
            Meter.Stands(pipeline, await PipelineState.ReadAsync(journal, pipeline, cancellation));
        }
        catch (Exception e) when (e is UnavailableException or Npgsql.NpgsqlException)
        {
            Terminal.Say($"Alerts are left to the next 'quality run' or 'quality schedule': {e.Message}"); // the chain has ended, and that stands
        }
    }

    public void Dispose()
    {
        telemetry.Dispose();
        Meter.Dispose();
        foreach (var channel in channels.OfType<IDisposable>())
            channel.Dispose();
    }
}
