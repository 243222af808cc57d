using Etl;
using Etl.Loading;
using Npgsql;
using Quality.Scheduling.Alerts;
using Quality.Scheduling.Metrics;

namespace Quality.Scheduling;

/// <summary>
/// Looks after one pipeline: what is due is decided anew at every look, from the journal alone. So it does not matter why it was woken, which
/// process looks, or how long none did: a time is answered once, and several that were missed by one chain.
/// </summary>
/// <param name="open">Opens the work of a chain.</param>
/// <param name="say">Told what is worth a line.</param>
internal sealed class Watch(string pipeline, CronSchedule cron, Warehouse warehouse, Chain chain, AlertBook book, AlertSender sender, Outage outage, ChainMeter meter, TimeProvider time,
    Func<IChainWork> open, Action<string> say)
{
    readonly DateTimeOffset began = time.GetUtcNow();
    string? standingBy;

    public string Pipeline => pipeline;

    public CronSchedule Cron => cron;

    /// <summary>At the last look something was due, and another process was at it.</summary>
    public bool StandsBy => standingBy is not null;

    /// <exception cref="UnavailableException">There is no warehouse.</exception>
    public async Task RegisterAsync(CancellationToken cancellation)
    {
        await using var journal = await warehouse.OpenJournalAsync(time, cancellation);
        await ChainJournal.RegisterAsync(journal, pipeline, cron, time.GetUtcNow(), cancellation);
    }

    /// <returns>The chain that was run; null: nothing was due, another runs it, or the warehouse is gone.</returns>
    public async Task<ChainResult?> LookAsync(CancellationToken cancellation)
    {
        try
        {
            var result = await RunDueAsync(cancellation);
            if (result is { Stopped: true })
                return result;
            await using var journal = await warehouse.OpenJournalAsync(time, cancellation);
            await outage.EndAsync(cancellation);
            await book.RemindAsync(journal, pipeline, time.GetUtcNow(), cancellation);
            await sender.SendAsync(journal, pipeline, cancellation);
            meter.Reaches(true);
            meter.Stands(pipeline, await PipelineState.ReadAsync(journal, pipeline, cancellation));
            return result;
        }
        catch (Exception e) when (e is UnavailableException or NpgsqlException && !cancellation.IsCancellationRequested)
        {
            meter.Reaches(false);
            await outage.NoticeAsync(e is NpgsqlException lost ? warehouse.Explain(lost).Message : e.Message, cancellation);
            return null;
        }
    }

    async Task<ChainResult?> RunDueAsync(CancellationToken cancellation)
    {
        await using var journal = await warehouse.OpenJournalAsync(time, cancellation);
        if (await ChainJournal.DueAsync(journal, pipeline, cron, time.GetUtcNow(), cancellation) is null)
        {
            standingBy = null;
            return null;
        }
        await using var held = await ChainLock.TryTakeAsync(warehouse, pipeline, time, cancellation);
        if (held is null)
        {
            string holder = await ChainJournal.HolderAsync(journal, pipeline, cancellation);
            if (holder != standingBy)
                say($"'{pipeline}' is being run by {holder}; this process stands by.");
            standingBy = holder;
            return null;
        }
        standingBy = null;
        foreach (string dead in await ChainJournal.BuryAsync(journal, pipeline, began, time.GetUtcNow(), cancellation))
            say($"'{pipeline}': {dead}");
        // It may have been answered between the question and the lock.
        if (await ChainJournal.DueAsync(journal, pipeline, cron, time.GetUtcNow(), cancellation) is not { } due)
            return null;
        if (due.Deaths >= DueChain.MostDeaths)
        {
            await GiveUpAsync(journal, due, cancellation);
            return null;
        }
        say($"'{pipeline}' is due since {due.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.");
        await using var work = open();
        var result = await chain.RunAsync(pipeline, due.At, held, work, step => say($"'{pipeline}' {step.Step}: {step.Word}. {step.Reason}"), cancellation);
        say($"'{pipeline}' chain {result.Id}: {result.Verdict.Word()}. {result.Reason}");
        return result;
    }

    async Task GiveUpAsync(NpgsqlConnection journal, DueChain due, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        string reason = $"{due.Deaths} chains that were to answer {due.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC died, each with its process; it is not tried again before its next time.";
        say($"'{pipeline}': {reason}");
        await using var transaction = await journal.BeginTransactionAsync(cancellation);
        long id = await ChainJournal.BeginAsync(journal, pipeline, due.At, now, cancellation);
        await ChainJournal.EndAsync(journal, new ChainResult(id, pipeline, due.At, now, [new StepResult(Steps.Schedule, now, now, Verdict.Unknown, reason)]), now, cancellation);
        await book.FailedAsync(journal, pipeline, id, Steps.Schedule, Verdict.Unknown, reason, null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
