namespace Etl.Loading;

/// <summary>
/// The way most batches go: what stands in the tables between the first and the last document is compared on our side, by key and hash;
/// only what is new, changed or gone is sent. Nothing but rows that were asked for is touched, and nobody is asked who owns a key:
/// where that is a question, the batch goes the careful way.
/// </summary>
internal sealed class PlainLoad(LoadSession session)
{
    readonly KnownRows?[] known = [.. session.Merges.Select((m, i) => session.Dataset.Tables[i].IsShared ? null : new KnownRows(session.Connection, m, session.Encoder.Rows(i), session.Encoder.Keys))];
    bool[] changed = [], heldBack = [];

    /// <summary>Documents, by number, of which anything was written or removed.</summary>
    public ReadOnlySpan<bool> Changed => changed;

    /// <summary>Loads the rows of the encoded batch in the caller's transaction.</summary>
    /// <param name="count">Documents of the batch.</param>
    /// <param name="bounds">What the batch speaks for; null: the tables have no rows there, as in a first load.</param>
    /// <param name="books">By table.</param>
    /// <returns>False when the batch must go the careful way; then the transaction is to be rolled back.</returns>
    public async Task<bool> TryAsync(int count, ScanBounds? bounds, TableLedger[] books, RowVersion version, CancellationToken cancellation)
    {
        var encoder = session.Encoder;
        if (!encoder.Keys.Ascends)
            return false;
        Array.Resize(ref changed, count);
        Array.Resize(ref heldBack, count);
        Array.Clear(changed);
        Array.Clear(heldBack);
        if (bounds is { } within)
        {
            for (int i = 0; i < books.Length; i++)
                if (known[i] is { } table && !await table.CompareAsync(within, changed, heldBack, cancellation))
                    return false;
            for (int i = 0; i < books.Length; i++)
                if (known[i] is { } table && !await RemoveAsync(table, i, books[i], version, cancellation))
                    return false;
        }
        for (int i = 0; i < books.Length; i++)
            if (!books[i].Table.IsShared && !await WriteAsync(i, books[i], version, cancellation))
                return false;
        for (int i = 0; i < books.Length; i++) // last: they are what workers wait for each other at
            if (books[i].Table.IsShared)
                await KeepCandidatesAsync(i, books[i], cancellation);
        return true;
    }

    async Task<bool> RemoveAsync(KnownRows table, int index, TableLedger books, RowVersion version, CancellationToken cancellation)
    {
        int wanted = table.Gone.Count + table.Vanished.Count;
        if (wanted == 0)
            return true;
        books.Removed = await session.Writer.RemoveAsync(session.Merges[index].RemovePlaces, books.Table, version, cancellation, (object)table.Gone.Concat(table.Vanished).ToArray());
        return books.Removed == wanted; // else somebody moved a row since we looked
    }

    async Task<bool> WriteAsync(int index, TableLedger books, RowVersion version, CancellationToken cancellation)
    {
        var (rows, merge) = (session.Encoder.Rows(index), session.Merges[index]);
        int different = rows.CountOf(RowState.Changed), fresh = rows.CountOf(RowState.New);
        long revived = 0;
        if (different > 0)
        {
            await session.Copy.StageAsync(merge, rows, RowState.Changed, cancellation);
            await session.Connection.RunAsync(merge.AnalyzeStage, cancellation);
            revived = await session.Writer.UpdateAsync(merge, books, version, force: false, cancellation);
            if (books.Updated + revived != different)
                return false;
        }
        if (fresh > 0)
            await session.Copy.InsertAsync(merge, rows, version, session.Run, session.Time.GetUtcNow(), cancellation);
        (books.Produced, books.Inserted, books.Unchanged) = (rows.Count, fresh + revived, rows.Count - different - fresh);
        if (different + fresh > 0)
            for (int row = 0; row < rows.Count; row++)
                changed[rows.DocumentOf(row)] |= rows[row] != RowState.Unchanged;
        return true;
    }

    async Task KeepCandidatesAsync(int index, TableLedger books, CancellationToken cancellation)
    {
        var (rows, merge) = (session.Encoder.Rows(index), session.Merges[index]);
        books.Produced = books.Merged = session.Encoder.Produced(index);
        if (rows.Count == 0)
            return;
        await session.Copy.StageAsync(merge, rows, RowState.New, cancellation);
        await session.Connection.RunAsync(merge.AddCandidates, cancellation, session.Run.Id);
    }

    public bool IsHeldBack(int document) => heldBack[document];
}
