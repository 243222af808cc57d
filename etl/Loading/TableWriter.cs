using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Brings staged rows into their tables and removes what is gone, in the caller's transaction; counts everything it does.</summary>
internal sealed class TableWriter(NpgsqlConnection connection, string pipeline, Run run, TimeProvider time)
{
    /// <param name="force">Also rewrite rows whose hash says they are equal: somebody may have edited them.</param>
    /// <exception cref="UnavailableException">A trigger or rule of the table discards rows.</exception>
    public async Task WriteAsync(MergeSql merge, TableLedger books, long staged, RowVersion version, bool force, CancellationToken cancellation)
    {
        long revived = await UpdateAsync(merge, books, version, force, cancellation);
        long wanted = 0;
        await foreach (var row in connection.RowsAsync(merge.Insert, cancellation, version.ToGuid(), run.Id, time.GetUtcNow()))
            (books.Inserted, wanted) = (row.GetInt64(0), row.GetInt64(1));
        if (books.Inserted != wanted)
            throw Discarded($"Table {books.Table.QualifiedName} took {books.Inserted} of {wanted} new rows");
        if (await connection.ScalarAsync<bool>(merge.HasTriggers, cancellation) && await connection.ScalarAsync<long>(merge.CountStale, cancellation) is > 0 and var stale)
            throw Discarded($"Table {books.Table.QualifiedName} did not take {stale} of {books.Updated + stale} changed rows");
        books.Inserted += revived;
        books.Unchanged = staged - books.Updated - books.Inserted;
    }

    /// <summary>Makes rows of the table as they are staged, and books those that were not as updated.</summary>
    /// <returns>Among them rows that were only kept: those count as inserted.</returns>
    public async Task<long> UpdateAsync(MergeSql merge, TableLedger books, RowVersion version, bool force, CancellationToken cancellation)
    {
        long revived = books.Table.DeletesSoftly ? await connection.ScalarAsync<long>(merge.CountRevived, cancellation) : 0;
        books.Updated = await connection.ScalarAsync<long>(merge.Update(force), cancellation, version.ToGuid(), run.Id, time.GetUtcNow()) - revived;
        return revived;
    }

    /// <param name="sql">One of <see cref="MergeSql"/>'s statements that remove.</param>
    /// <returns>Rows removed, each with its tombstone.</returns>
    public async Task<long> RemoveAsync(string sql, Table table, RowVersion version, CancellationToken cancellation, params object[] more)
    {
        long removed = 0, wanted = 0;
        await foreach (var row in connection.RowsAsync(sql, cancellation, [version.ToGuid(), run.Id, time.GetUtcNow(), pipeline, table.QualifiedName, .. more]))
            (removed, wanted) = (row.GetInt64(0), row.GetInt64(1));
        return removed == wanted ? removed : throw Discarded($"Table {table.QualifiedName} let {removed} of {wanted} rows be removed");
    }

    internal static UnavailableException Discarded(string what) =>
        new($"{what}: a trigger or rule of the table discards them. Nothing of this batch was committed.");

    /// <summary>Brings the candidates that a scan gathered for a shared dimension into its table.</summary>
    /// <returns>The keys on whose values documents disagree.</returns>
    public async Task<IReadOnlyList<DisputedKey>> SettleAsync(MergeSql merge, TableLedger books, RowVersion version, bool force, CancellationToken cancellation)
    {
        var disputed = new List<DisputedKey>();
        await foreach (var row in connection.RowsAsync(merge.FindDisputed, cancellation))
            disputed.Add(new DisputedKey(books.Table, row.GetString(0), row.GetInt64(1)));
        long winners = 0, ours = 0;
        await foreach (var row in connection.RowsAsync(merge.StageWinners, cancellation, run.Id))
            (winners, ours) = (row.GetInt64(0), row.GetInt64(1));
        if (winners > 0)
            await WriteAsync(merge, books, winners, version, force, cancellation);
        // Their documents were booked as merged when they were read; the winners of a scan that another run began, in that run's books.
        books.Merged = -ours;
        books.Produced = winners - ours;
        await connection.RunAsync(merge.ClearCandidates, cancellation);
        return disputed;
    }
}
