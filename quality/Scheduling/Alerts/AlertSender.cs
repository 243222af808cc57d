using Etl.Loading;
using Npgsql;
using Quality.Scheduling.Metrics;

namespace Quality.Scheduling.Alerts;

/// <summary>Sends what the book says is to be sent. A channel that fails is noted and tried again later; it never spoils a chain.</summary>
/// <param name="say">Told what did not go out.</param>
internal sealed class AlertSender(IReadOnlyList<IAlertChannel> channels, AlertBook book, ChainMeter meter, TimeProvider time, Action<string> say)
{
    /// <summary>Everything that is due now.</summary>
    public async Task SendAsync(NpgsqlConnection connection, string pipeline, CancellationToken cancellation)
    {
        while (channels.Count > 0 && await book.TakeAsync(connection, pipeline, time.GetUtcNow(), cancellation) is { } delivery)
            if (await TryAsync(channels.First(c => c.Name == delivery.Channel), delivery.Message, cancellation) is { } error)
                await book.NotDeliveredAsync(connection, delivery, error, time.GetUtcNow(), cancellation);
            else
                await book.DeliveredAsync(connection, delivery, time.GetUtcNow(), cancellation);
    }

    /// <summary>By every channel at once and without the book, for when there is no warehouse to keep one in.</summary>
    /// <returns>Whether every channel took it.</returns>
    public async Task<bool> SendNowAsync(AlertMessage message, CancellationToken cancellation)
    {
        bool all = true;
        foreach (var channel in channels)
            all &= await TryAsync(channel, message, cancellation) is null;
        return all;
    }

    /// <returns>The error; null: it went out.</returns>
    async Task<string?> TryAsync(IAlertChannel channel, AlertMessage message, CancellationToken cancellation)
    {
        try
        {
            await channel.SendAsync(message, cancellation);
            meter.CountAlert(channel.Name, sent: true);
            return null;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // What nobody foresaw may hold a secret, so its message is not repeated; and it must not spoil a chain either.
            string why = e is AlertNotSentException ? e.Message : $"{e.GetType().Name} in {channel.Name}; please report it.";
            meter.CountAlert(channel.Name, sent: false);
            say($"An alert did not go out ({message.Title}): {why} It is tried again.");
            return why;
        }
    }
}
