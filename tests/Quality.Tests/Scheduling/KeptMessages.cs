using Quality.Scheduling.Alerts;

namespace Quality.Tests.Scheduling;

/// <summary>A channel that keeps what it is given, or refuses it.</summary>
sealed class KeptMessages : IAlertChannel
{
    public string Name => "webhook";

    public List<AlertMessage> All { get; } = [];

    public bool Refuses { get; set; }

    /// <summary>By a fault that nobody foresaw.</summary>
    public bool Breaks { get; set; }

    public int Asked { get; private set; }

    public Task SendAsync(AlertMessage message, CancellationToken cancellation)
    {
        Asked++;
        if (Breaks)
            throw new InvalidOperationException("canary-6");
        if (Refuses)
            throw new AlertNotSentException("It is not at home.");
        All.Add(message);
        return Task.CompletedTask;
    }
}
