using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Quality.Reconciliation;

namespace Quality.Sandbox;

/// <summary>
/// The harness over a pipeline of events whose source was just filled: sync, sync again, reconcile. Says what it does, and keeps what was not as
/// it should be.
/// </summary>
/// <param name="open">Opens the source; told whether it is to be read whole, as a comparison must.</param>
/// <param name="say">Told a sentence for each step.</param>
public sealed class EventDemonstration(Contract contract, Func<bool, IDocumentSource> open, Warehouse warehouse, TimeProvider time, Action<string> say)
{
    readonly List<string> deviations = [];

    /// <param name="expected">By what was put into the source.</param>
    public async Task<DemonstrationOutcome> RunAsync(ExpectedEvents expected, int seed, CancellationToken cancellation)
    {
        var first = await SyncAsync(seed, cancellation);
        Expect(first.Verdict == Verdict.Reconciled, $"the books of run {first.Run} should close: {first.Reason}");
        long quarantined = first.Documents.Sum(d => d.Quarantined), rows = first.Tables.Where(t => !t.Table.IsDerived && contract.Datasets.Any(d => d.LoadsEvents && d.RootTable == t.Table)).Sum(t => t.RowsAfter ?? 0);
        Expect(quarantined == expected.Refused, $"{expected.Refused:N0} events should be quarantined; {quarantined:N0} were");
        Expect(rows == expected.Rows, $"{expected.Rows:N0} different events should be there; {rows:N0} are");
        say($"{contract.Pipeline}: synced {first.Documents.Sum(d => d.Read):N0} documents of {first.Source} into {first.Tables.Sum(t => t.Inserted):N0} rows of {first.Tables.Count} tables; {quarantined:N0} quarantined, {first.Documents.Sum(d => d.Duplicate + d.Superseded):N0} told again.{Effort(first.Effort)}");
        var again = await SyncAsync(seed, cancellation);
        long changes = again.Tables.Sum(t => t.Inserted + t.Updated + t.Removed);
        Expect(changes == 0, $"the second sync should change nothing; it changed {changes} rows");
        await using var source = open(true);
        var compared = await new Reconciler(contract, source, warehouse, time).RunAsync(new ReconcileOptions { Seed = seed }, cancellation);
        Expect(compared.Verdict == Verdict.Reconciled, $"the reconciliation should be reconciled: {compared.Reason}");
        say($"{contract.Pipeline}: synced again, {changes:N0} rows changed; then {compared.Verdict.Word()}. {compared.Reason}");
        return new DemonstrationOutcome(compared, deviations);
    }

    async Task<SyncResult> SyncAsync(int seed, CancellationToken cancellation)
    {
        await using var source = open(false);
        return await new Synchronizer(contract, source, warehouse, time).RunAsync(new SyncOptions { Seed = seed }, cancellation);
    }

    static string Effort(SourceEffort effort) => effort.Retries > 0 ? $" It took {effort.Retries:N0} retries." : "";

    void Expect(bool holds, string otherwise)
    {
        if (!holds)
            deviations.Add($"{contract.Pipeline}: {otherwise}");
    }
}
