using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>What the contract asks of the warehouse besides being equal to the source: asked anew at each reconciliation.</summary>
internal static class TableChecks
{
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(NpgsqlConnection connection, Contract contract, IReadOnlyList<Dataset> datasets, TimeProvider time, CancellationToken cancellation)
    {
        var checks = new List<CheckResult>();
        foreach (var dataset in datasets)
        {
            // A table that cannot be compared says so already.
            var fit = new List<Table>();
            foreach (var table in dataset.Tables)
                if (await Reconciler.FindUnfitAsync(connection, table, cancellation) is null)
                    fit.Add(table);
            checks.AddRange(await UniquenessCheck.RunAsync(connection, fit, cancellation));
            if (fit.Contains(dataset.RootTable) && await VolumeHistory.AskAsync(connection, contract.Pipeline, dataset, cancellation) is { } volume)
                checks.Add(volume);
        }
        checks.AddRange(await CheckRunner.RunAsync(connection, contract, datasets, time, cancellation));
        return checks;
    }

    /// <returns>What the checks add to a verdict, and the sentence of the first that does; null where none does.</returns>
    public static (Verdict Verdict, string Reason)? Judge(IReadOnlyList<CheckResult> checks)
    {
        if (checks.FirstOrDefault(c => c.Holds == false && !c.Warns) is { } broken)
            return (Verdict.Mismatched, $"Check '{broken.Name}' on {broken.Place}: measured {broken.Measured} {broken.Unit}, must be {broken.Expected}.");
        if (checks.FirstOrDefault(c => c.Holds is null && !c.Warns) is { } unknown)
            return (Verdict.Unknown, $"Check '{unknown.Name}' on {unknown.Place} could not be answered: {unknown.Failure ?? "there is nothing to measure"}.");
        return null;
    }
}
