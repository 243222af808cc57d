namespace Quality.Scheduling.Alerts;

/// <summary>A way to tell somebody.</summary>
internal interface IAlertChannel
{
    /// <summary>As the journal writes it.</summary>
    string Name { get; }

    /// <exception cref="AlertNotSentException">With no secret in its message.</exception>
    Task SendAsync(AlertMessage message, CancellationToken cancellation);
}
