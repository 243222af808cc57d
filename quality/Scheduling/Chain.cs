using Etl;
using Etl.Loading;
using Npgsql;
using Quality.Commands;
using Quality.Scheduling.Alerts;
using Quality.Scheduling.Metrics;

namespace Quality.Scheduling;

/// <summary>Sync, marts, reconcile and report of one pipeline, under its lock; each step stands in the journal as soon as it has ended.</summary>
internal sealed class Chain(Warehouse warehouse, AlertBook alerts, ChainMeter meter, TimeProvider time)
{
    /// <summary>To write down that it was stopped; should that fail, the next that looks finds it dead.</summary>
    static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    /// <param name="due">The time that it answers; null: asked for by hand.</param>
    /// <param name="held">The pipeline's lock. When it is lost, the chain stops: another may have begun.</param>
    /// <param name="tell">Told each step that has ended.</param>
    /// <returns>Also of a chain that failed or was stopped.</returns>
    /// <exception cref="UnavailableException">The journal cannot be written: nobody knows then how it went.</exception>
    public async Task<ChainResult> RunAsync(string pipeline, DateTimeOffset? due, ChainLock held, IChainWork work, Action<StepResult> tell, CancellationToken cancellation)
    {
        try
        {
            var started = time.GetUtcNow();
            long id = await BeginAsync(pipeline, due, started, cancellation);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, held.Lost);
            var course = new ChainCourse(pipeline, time, async step =>
            {
                // A connection of its own: one that lay idle for as long as a sync takes may have been cut by whatever is between.
                await using var journal = await warehouse.OpenAsync(stop.Token);
                step = await ChainJournal.SaveStepAsync(journal, id, pipeline, step, stop.Token);
                meter.Count(pipeline, step);
                tell(step);
                return step;
            });
            var result = new ChainResult(id, pipeline, due, started, course.Steps);
            try
            {
                await course.RunAsync(work, meter, stop.Token);
                result = result with { Page = course.Page, Fault = course.Fault, Failure = course.Failure };
                await EndAsync(result, stop.Token);
                return result;
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                string why = cancellation.IsCancellationRequested ? "Interrupted."
                    : "The connection that held the pipeline's lock was lost, so that another process may have begun; this chain stopped.";
                result = result with { Stopped = true, Steps = [.. course.Steps.Where(s => s.Step != course.InHand.Step), course.InHand with { Ended = time.GetUtcNow(), Reason = why }] };
                await TellLastWordsAsync(result);
                return result;
            }
        }
        catch (NpgsqlException e)
        {
            throw warehouse.Explain(e);
        }
    }

    async Task<long> BeginAsync(string pipeline, DateTimeOffset? due, DateTimeOffset started, CancellationToken cancellation)
    {
        await using var journal = await warehouse.OpenJournalAsync(time, cancellation);
        return await ChainJournal.BeginAsync(journal, pipeline, due, started, cancellation);
    }

    async Task EndAsync(ChainResult result, CancellationToken cancellation)
    {
        await using var journal = await warehouse.OpenAsync(cancellation);
        await using var transaction = await journal.BeginTransactionAsync(cancellation);
        var now = time.GetUtcNow();
        if (await ChainJournal.EndAsync(journal, result, now, cancellation) == 1)
            await alerts.JudgeAsync(journal, result, now, cancellation);
        await transaction.CommitAsync(cancellation);
        meter.Count(result);
    }

    async Task TellLastWordsAsync(ChainResult result)
    {
        try
        {
            using var patience = new CancellationTokenSource(LastWords, time);
            await using var journal = await warehouse.OpenAsync(patience.Token);
            await ChainJournal.SaveStepAsync(journal, result.Id, result.Pipeline, result.Steps[^1], patience.Token);
            await ChainJournal.EndAsync(journal, result, time.GetUtcNow(), patience.Token);
        }
        catch (Exception e) when (e is UnavailableException or NpgsqlException or OperationCanceledException)
        {
            Terminal.Say($"Chain {result.Id} of '{result.Pipeline}' could not write down that it was stopped ({e.Message}); the next that looks finds it dead.");
        }
    }
}
