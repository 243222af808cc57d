using System.Globalization;
using System.Text.Json;
using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Asks the warehouse, after a load, what the contract's quality rules want to know. Nothing is changed by it.</summary>
internal static class CheckRunner
{
    /// <summary>A query of a contract that takes longer says nothing in time, and is unknown.</summary>
    const int TimeoutSeconds = 300;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(NpgsqlConnection connection, Contract contract, IEnumerable<Dataset> datasets, TimeProvider time, CancellationToken cancellation)
    {
        bool mayQuote = !contract.Datasets.Any(d => d.Root.HoldsPersonal); // a query may read any table
        var results = new List<CheckResult>();
        foreach (var check in datasets.SelectMany(d => d.Checks))
            results.Add(await RunAsync(connection, check, mayQuote, time, cancellation));
        return results;
    }

    static async Task<CheckResult> RunAsync(NpgsqlConnection connection, WarehouseCheck check, bool mayQuote, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        decimal? measured = null;
        string? failure = null;
        try
        {
            await connection.RunAsync($"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{TimeoutSeconds}s'", cancellation);
            await foreach (var row in connection.RowsAsync(check.Sql, cancellation, check.TakesNow ? [time.GetUtcNow()] : []))
                measured = row.IsDBNull(0) ? null : Convert.ToDecimal(row.GetValue(0), CultureInfo.InvariantCulture);
        }
        catch (PostgresException e) when (!connection.FullState.HasFlag(System.Data.ConnectionState.Broken))
        {
            // The contract's own query; the load is done all the same.
            failure = mayQuote || !MayQuoteData(e) ? $"{e.MessageText} ({e.SqlState})"
                : $"PostgreSQL refused the query with error {e.SqlState}, whose message is left out because it may quote a personal value; run the query by hand to see it";
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            failure = $"its result is no number: {e.Message}";
        }
        await transaction.RollbackAsync(cancellation);
        bool? holds = failure is null ? check.Holds(measured) : null;
        return new CheckResult(check.Table.QualifiedName, check.Column?.Name ?? "", check.Rule, holds == false && check.Unit == "rows" && measured is > 0 and < long.MaxValue ? (long)measured : holds == false ? 1 : 0, [])
        {
            Name = check.Name,
            Measured = measured,
            Expected = $"{check.Expected}",
            Unit = check.Unit,
            Holds = holds,
            Warns = check.Warns,
            Failure = failure,
        };
    }

    /// <summary>
    /// Whether a message may repeat what stands in the tables, as that of a failed cast does. It does not where it points into the query's own
    /// text, and where it is about something else than values.
    /// </summary>
    static bool MayQuoteData(PostgresException e) => e.Position == 0
        && e.SqlState is not (PostgresErrorCodes.DivisionByZero or PostgresErrorCodes.InsufficientPrivilege)
        && e.SqlState[..2] is not ("21" or "25" or "40" or "53" or "57"); // cardinality, transaction state, rollback, resources, intervention

    /// <summary>Writes the results of all checks of a run into the journal.</summary>
    public static async Task SaveAsync(NpgsqlConnection connection, Run run, string pipeline, IReadOnlyList<CheckResult> results, CancellationToken cancellation)
    {
        foreach (var result in results)
            await connection.RunAsync("INSERT INTO quality.checks (run_id, pipeline, table_name, column_name, rule, failing, sample, name, measured, expected, unit, holds, warns) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
                cancellation, run.Id, pipeline, result.Table, result.Column, result.Rule, result.Failing, JsonSerializer.Serialize(result.Sample, Json),
                result.Name, result.Measured, result.Failure is null ? result.Expected : $"{result.Expected}; {result.Failure}", result.Unit, result.Holds, result.Warns);
    }
}
