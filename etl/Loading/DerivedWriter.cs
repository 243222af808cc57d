using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Makes latest and history tables follow their events, in the caller's transaction; counts everything it does.</summary>
internal sealed class DerivedWriter(NpgsqlConnection connection, Dataset dataset, string pipeline, Run run, TimeProvider time)
{
    public IReadOnlyList<DerivedSql> Tables { get; } = [.. dataset.Derived.Select(d => new DerivedSql(d))];

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        foreach (var table in Tables)
            await connection.RunAsync(table.CreateTemporary, cancellation);
    }

    /// <summary>Makes the rows of all touched entities anew, and changes what differs.</summary>
    /// <param name="books">By derived table.</param>
    /// <param name="mayRemove">Events changed or went, so that entities may have lost rows.</param>
    public async Task WriteAsync(IReadOnlyList<TableLedger> books, bool mayRemove, RowVersion version, CancellationToken cancellation)
    {
        for (int i = 0; i < Tables.Count; i++)
        {
            var (sql, table) = (Tables[i], books[i]);
            long wanted = await connection.ScalarAsync<long>(sql.Make, cancellation);
            if (wanted > 0)
                await connection.RunAsync(sql.Analyze, cancellation);
            if (mayRemove)
                table.Removed += await new TableWriter(connection, pipeline, run, time).RemoveAsync(new MergeSql(table.Table).RemoveVictims(sql.Superfluous), table.Table, version, cancellation);
            long updated = wanted == 0 ? 0 : await connection.ScalarAsync<long>(sql.Update, cancellation, run.Id, time.GetUtcNow());
            long inserted = wanted == 0 ? 0 : await connection.ScalarAsync<long>(sql.Insert, cancellation, run.Id, time.GetUtcNow());
            table.Produced += wanted;
            table.Updated += updated;
            table.Inserted += inserted;
            table.Unchanged += wanted - updated - inserted;
            await connection.RunAsync(sql.Clear, cancellation);
        }
    }
}
