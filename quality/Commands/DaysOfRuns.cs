using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;

namespace Quality.Commands;

/// <summary>The days that a pipeline was synced for, as the journal has them: what an API is asked for when a reconciliation names none.</summary>
internal static class DaysOfRuns
{
    /// <returns>From the first to the last; null: no sync named any, or the pipeline's source does not need to be told.</returns>
    public static async Task<DayRange?> ReadAsync(Warehouse warehouse, Contract contract, TimeProvider time, CancellationToken cancellation)
    {
        if (contract.Servers.All(s => s.Kind != ServerKinds.Http))
            return null;
        await using var connection = await warehouse.OpenJournalAsync(time, cancellation);
        await foreach (var row in connection.RowsAsync("SELECT min(first_day), max(last_day) FROM quality.runs WHERE pipeline = $1 AND command = 'sync' AND first_day IS NOT NULL HAVING count(*) > 0", cancellation, contract.Pipeline))
            return new DayRange(row.GetFieldValue<DateOnly>(0), row.GetFieldValue<DateOnly>(1));
        return null;
    }
}
