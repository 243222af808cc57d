using System.Data;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Etl.Marts;

/// <summary>
/// Makes all marts of a pipeline in one transaction, from one moment's content of the tables. Readers see what was there before until the
/// commit, and are not kept waiting: rows that differ are removed and inserted, nothing else is touched. If anything fails, or a check is
/// broken, nothing is published.
/// </summary>
/// <param name="connection">Holds the pipeline's lock, and no transaction.</param>
public sealed class MartBuilder(NpgsqlConnection connection, Contract contract, Run run, TimeProvider time)
{
    /// <summary>Only where columns changed anybody is waited for: a reader who holds the table so long keeps the old one.</summary>
    const int LockSeconds = 30;

    /// <summary>What a SELECT gives must not depend on who runs it, and where.</summary>
    static readonly string Settings = $"SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL standard_conforming_strings = on; SET LOCAL search_path = public; SET LOCAL lock_timeout = '{LockSeconds}s'";

    readonly bool holdPersonal = contract.Datasets.Any(d => d.Root.HoldsPersonal);

    /// <summary>What came of it stands in the journal, checks too, when this returns.</summary>
    public async Task<MartBuild> RunAsync(CancellationToken cancellation)
    {
        var known = await MartJournal.RowsAsync(connection, contract.Pipeline, cancellation);
        if (contract.Marts.Count == 0 && known.Count == 0)
            return new MartBuild([], [], []);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await connection.RunAsync(Settings, cancellation);
        var checks = new List<CheckResult>();
        var built = new List<MartResult>();
        var remarks = await MartJournal.ForgetAsync(connection, contract, cancellation);
        var tables = new MartTables(connection, contract);
        Mart? current = null;
        try
        {
            foreach (var mart in contract.Marts)
            {
                current = mart;
                built.Add(await BuildAsync(mart, tables, built, checks, cancellation));
                if (checks.Any(c => c.Holds != true))
                    break;
            }
            if (checks.All(c => c.Holds == true))
                foreach (var mart in built.Where(b => b.Built).Select(b => b.Mart))
                    foreach (var check in mart.Checks)
                        checks.Add(await AskAsync(mart, check, cancellation));
        }
        // The mart's own SQL, or what stands in its way; the load is done all the same. A server that went away is another matter.
        catch (PostgresException e) when (!connection.FullState.HasFlag(ConnectionState.Broken))
        {
            checks.Add(NotBuilt(current!, e is { SqlState: PostgresErrorCodes.LockNotAvailable }
                ? $"its columns have changed, and a reader held the old table for more than {LockSeconds} seconds. Sync again."
                : CheckRunner.Failure(e, holdPersonal)));
        }
        catch (MartException e)
        {
            checks.Add(NotBuilt(current!, e.Message));
        }
        bool published = checks.All(c => c.Holds == true);
        if (published)
            await transaction.CommitAsync(cancellation);
        else
            await transaction.RollbackAsync(cancellation);
        await CheckRunner.SaveAsync(connection, run, contract.Pipeline, checks, cancellation);
        return new MartBuild(published ? built : [.. contract.Marts.Select(m => new MartResult(m, false, known.TryGetValue(m.QualifiedName, out long rows) ? rows : null))], checks, published ? remarks : []);
    }

    async Task<MartResult> BuildAsync(Mart mart, MartTables tables, IReadOnlyList<MartResult> before, List<CheckResult> checks, CancellationToken cancellation)
    {
        var waits = await WaitsForAsync(mart, before, cancellation);
        if (waits.Count > 0)
            return new MartResult(mart, false, null) { WaitsFor = waits };
        long began = time.GetTimestamp();
        await tables.CheckOwnerAsync(mart, cancellation);
        var made = mart.IsView ? await tables.MakeViewAsync(mart, cancellation) : await tables.MakeTableAsync(mart, cancellation);
        if (made.Key is { } key)
        {
            checks.Add(key);
            if (key.Holds != true)
                return new MartResult(mart, false, null);
        }
        var result = new MartResult(mart, true, made.Rows, made.Inserted, made.Removed, (long)time.GetElapsedTime(began).TotalMilliseconds);
        await MartJournal.WriteAsync(connection, contract, run, result, made.Columns, before.Count, time, cancellation);
        return result;
    }

    /// <summary>Tables of datasets that were never loaded, as when a first sync is of one dataset alone: what needs them can wait.</summary>
    async Task<IReadOnlyList<string>> WaitsForAsync(Mart mart, IReadOnlyList<MartResult> before, CancellationToken cancellation)
    {
        var waits = before.Where(b => mart.Reads.Contains(b.Mart)).SelectMany(b => b.WaitsFor).ToList();
        foreach (var table in mart.Needs)
            if (!await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellation, table.Sql))
                waits.Add(table.QualifiedName);
        return [.. waits.Distinct()];
    }

    async Task<CheckResult> AskAsync(Mart mart, MartCheck check, CancellationToken cancellation)
    {
        decimal? measured = null;
        string? failure = null;
        const string before = "SELECT (\n";
        string sql = $"{before}{check.Sql.Text}\n)::numeric";
        await connection.RunAsync($"SAVEPOINT asked; SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{CheckRunner.TimeoutSeconds}s'", cancellation);
        try
        {
            await foreach (var row in connection.RowsAsync(sql, cancellation))
                measured = row.IsDBNull(0) ? null : row.GetDecimal(0);
            if (measured is null)
                failure = "it gives NULL, or no row; it must give 0 where all is well";
        }
        catch (PostgresException e) when (!connection.FullState.HasFlag(ConnectionState.Broken))
        {
            failure = (e.Position > 0 ? check.Sql.At(MartTables.Offset(sql, e.Position) - before.Length) + ": " : "") + CheckRunner.Failure(e, holdPersonal);
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException)
        {
            failure = $"its result is no number that can be kept: {e.Message}";
        }
        await connection.RunAsync("ROLLBACK TO SAVEPOINT asked", cancellation);
        bool? holds = failure is null ? measured == 0 : null;
        return new CheckResult(mart.QualifiedName, "", CheckResult.Mart, holds == false ? 1 : 0, [])
        {
            Name = check.Name,
            Measured = measured,
            Expected = "0",
            Holds = holds,
            Warns = false,
            Failure = failure,
            Sentence = holds == true ? null : $"Check '{check.Name}' of mart {mart} ({check.Sql.At(0)}) {(failure is null ? $"gives {measured}, and must give 0" : $"has no answer: {failure}")}. {Kept}",
        };
    }

    static CheckResult NotBuilt(Mart mart, string why) => new(mart.QualifiedName, "", CheckResult.MartBuild, 0, [])
    {
        Name = "built",
        Expected = "built",
        Holds = null,
        Warns = false,
        Failure = why,
        Sentence = $"Mart {mart} ({mart.Select.File}) could not be built: {why.TrimEnd('.')}. {Kept}",
    };

    internal const string Kept = "All marts keep the content that they had.";
}
