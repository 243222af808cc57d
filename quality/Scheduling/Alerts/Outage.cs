using Etl.Loading;

namespace Quality.Scheduling.Alerts;

/// <summary>
/// The warehouse itself cannot be reached: then nothing can be run or written down, and alerts about it are kept in mind only. Every
/// process that notices tells; that is better than none.
/// </summary>
internal sealed class Outage(AlertSender sender, string warehouse, TimeProvider time, Action<string> say)
{
    /// <summary>A restart of the server is no outage.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1), RemindAfter = TimeSpan.FromHours(24);

    readonly SemaphoreSlim gate = new(1, 1);
    DateTimeOffset? since, told, tried;
    string reason = "";

    public bool Lasts => since is not null;

    public async Task NoticeAsync(string why, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            var now = time.GetUtcNow();
            if (since is null)
                say($"{why} It is tried again every few seconds.");
            (since, reason) = (since ?? now, why);
            if (now - since < Patience || tried is { } last && now - last < RetryAfter || told is { } first && now - first < RemindAfter)
                return;
            tried = now;
            if (await sender.SendNowAsync(Message(told is null ? AlertKinds.Failure : AlertKinds.Reminder), cancellation))
                told = now;
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task EndAsync(CancellationToken cancellation)
    {
        if (!Lasts)
            return;
        await gate.WaitAsync(cancellation);
        try
        {
            if (since is null)
                return;
            say($"The warehouse, {warehouse}, can be reached again.");
            if (told is not null)
                await sender.SendNowAsync(Message(AlertKinds.Recovery), cancellation);
            (since, told, tried) = (null, null, null);
        }
        finally
        {
            gate.Release();
        }
    }

    AlertMessage Message(string kind) => new(kind, "all pipelines", Steps.Schedule, Verdict.Unknown.Word(), reason,
        $"See that {warehouse} runs and can be reached from {Environment.MachineName}; what was missed is then made good by itself", null, null, since!.Value, 1);
}
