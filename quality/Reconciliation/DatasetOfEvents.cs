using System.Data;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Compares the table of a dataset whose order says nothing of its keys, and the tables that follow from it, at one moment.</summary>
internal sealed class DatasetOfEvents(string pipeline, Dataset dataset, IDocumentSource source, NpgsqlConnection connection, ReconcileOptions options)
{
    /// <remarks>What follows from the events is in one snapshot with them: nothing can be on its way between the two.</remarks>
    /// <param name="heldBack">Whether to leave the tables that follow for the second comparison, where there is to be one.</param>
    public async Task CompareAsync(Tally tally, bool heldBack, CancellationToken cancellation)
    {
        var results = tally.Results;
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var quarantine = await QuarantineIndex.ReadAsync(connection, pipeline, dataset, cancellation);
        var keys = await QuarantineKeys.OpenAsync(connection, dataset, cancellation);
        var pass = new EventPass(source, dataset, quarantine, keys, DaySelector.For(dataset, options.Days), DaySelector.RangeOf(dataset, options.Days));
        await new EventComparison(pass, dataset.RootTable, connection, options, tally.Report).CompareAsync(results[0], options.Level, cancellation);
        if (heldBack && tally.Held.Count > 0)
            return; // everything is compared once more
        for (int i = 1; i < results.Count; i++)
            if (results[i] is { Reason: null } result)
                await new DerivedComparison(dataset.Derived[i - 1], connection, tally.Report).CompareAsync(result, options.Level, cancellation);
    }

    /// <summary>
    /// A document alone does not say which one counts for its key, so all are read once more. What differs as before is real; what differs otherwise is in flight.
    /// </summary>
    public async Task<Tally> CompareAgainAsync(Tally first, TimeProvider time, Action<Difference>? tell, CancellationToken cancellation)
    {
        var found = time.GetUtcNow();
        await Task.Delay(options.Settle < DocumentComparison.WholePause ? options.Settle : DocumentComparison.WholePause, time, cancellation);
        var again = new Tally([.. first.Results.Select(r => new TableResult(r.Table) { Reason = r.Reason })], holds: true, tell);
        await CompareAsync(again, heldBack: false, cancellation);
        var before = first.Held.ToLookup(d => d.Id);
        var suspects = Suspect.Of(again.Held);
        foreach (var suspect in suspects)
            suspect.Resembles(before[suspect.Id]);
        again.Settle(suspects, found, time.GetUtcNow());
        return again;
    }
}
