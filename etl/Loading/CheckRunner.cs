using System.Globalization;
using System.Text.Json;
using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Asks the warehouse, after a load, what the contract's quality rules want to know. Nothing is changed by it.</summary>
public static class CheckRunner
{
    /// <summary>A query of a contract that takes longer says nothing in time, and is unknown.</summary>
    internal const int TimeoutSeconds = 300;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(NpgsqlConnection connection, Contract contract, IEnumerable<Dataset> datasets, TimeProvider time, CancellationToken cancellation)
    {
        var results = new List<CheckResult>();
        // A query may read other tables than its own.
        bool holdPersonal = contract.Datasets.Any(d => d.Root.HoldsPersonal);
        foreach (var check in datasets.SelectMany(d => d.Checks))
            results.Add(await RunAsync(connection, check, holdPersonal, time, cancellation));
        return results;
    }

    /// <summary>Classes of SQLSTATE whose messages speak of statements and servers. Those of others may quote a value: invalid input syntax for type integer: "…".</summary>
    static readonly string[] WithoutValues = ["08", "25", "42", "53", "54", "55", "57"];

    internal const string Masked = "***";

    const string RaisedByCode = "P0";

    /// <summary>What PostgreSQL says, without the values that it may quote.</summary>
    internal static string Failure(PostgresException e, bool holdPersonal)
    {
        string message = e.MessageText, kind = e.SqlState[..2];
        if (holdPersonal && kind == RaisedByCode)
            message = Masked;
        else if (holdPersonal && !WithoutValues.Contains(kind) && message.IndexOf('"') is >= 0 and var quote)
            message = message[..quote] + Masked;
        return $"{message} ({e.SqlState})";
    }

    static async Task<CheckResult> RunAsync(NpgsqlConnection connection, WarehouseCheck check, bool holdPersonal, TimeProvider time, CancellationToken cancellation)
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
            failure = Failure(e, holdPersonal); // the contract's own query; the load is done all the same
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

    /// <summary>Writes the results of all checks of a run into the journal.</summary>
    public static async Task SaveAsync(NpgsqlConnection connection, Run run, string pipeline, IReadOnlyList<CheckResult> results, CancellationToken cancellation)
    {
        foreach (var result in results)
            await connection.RunAsync("INSERT INTO quality.checks (run_id, pipeline, table_name, column_name, rule, failing, sample, name, measured, expected, unit, holds, warns) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
                cancellation, run.Id, pipeline, result.Table, result.Column, result.Rule, result.Failing, JsonSerializer.Serialize(result.Sample, Json),
                result.Name, result.Measured, result.Failure is null ? result.Expected : $"{result.Expected}; {result.Failure}", result.Unit, result.Holds, result.Warns);
    }
}
