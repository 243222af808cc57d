using Etl.Contracts;
using Etl.Sources;
using Etl.Validation;

namespace Etl.Loading;

/// <summary>
/// The way of batches in which anything is contested: a document that came twice, a key that two documents claim, a row that names
/// another owner, tables with triggers; and of repairs. Everything is staged, and the database compares.
/// </summary>
internal sealed class CarefulLoad(LoadSession session, bool repairing, bool fillsShared)
{
    /// <summary>Loads the encoded batch in the caller's transaction.</summary>
    /// <param name="bounds">What the batch speaks for; null: for its documents alone.</param>
    /// <returns>Documents of which anything was written or removed.</returns>
    public async Task<long> RunAsync(DocumentBatch batch, ScanBounds? bounds, DocumentLedger books, TableLedger[] tables, RowVersion version, CancellationToken cancellation)
    {
        await StageAsync(batch, cancellation);
        await DropRepeatedAsync(books, cancellation);
        if (bounds is { } within)
            await RemoveGoneAsync(within, tables, version, cancellation); // first: who is gone claims nothing
        await RefuseConflictsAsync(batch, cancellation);
        if (!repairing)
            await RemoveVanishedAsync(tables, version, cancellation);
        for (int i = 0; i < tables.Length; i++)
            await MergeAsync(session.Merges[i], tables[i], version, cancellation);
        return await session.Connection.ScalarAsync<long>($"SELECT count(DISTINCT _doc) FROM {MergeSql.Changed}", cancellation);
    }

    async Task StageAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        await session.StageDocumentsAsync(batch, cancellation);
        for (int i = 0; i < session.Merges.Length; i++)
            if (session.Encoder.Rows(i).Count > 0)
            {
                var rows = session.Encoder.Rows(i);
                await session.Copy.StageAsync(session.Merges[i], rows, RowState.New, cancellation);
                await session.Connection.RunAsync(session.Merges[i].AnalyzeStage, cancellation);
            }
    }

    /// <summary>A document that came twice in one batch counts once: the later one stays.</summary>
    async Task DropRepeatedAsync(DocumentLedger books, CancellationToken cancellation)
    {
        string key = Identifier.Quote(session.KeyColumn.Name);
        var dropped = new HashSet<int>();
        await foreach (var row in session.Connection.RowsAsync($"""
            DELETE FROM {MergeSql.Documents} earlier USING {MergeSql.Documents} later WHERE later.{key} = earlier.{key} AND earlier._doc < later._doc
            RETURNING earlier._doc, earlier._hash = later._hash
            """, cancellation))
        {
            if (!dropped.Add(row.GetInt32(0)))
                continue;
            if (row.GetBoolean(1))
                books.Duplicate++;
            else
                books.Superseded++;
        }
        session.Encoder.Refused.RemoveAll(r => dropped.Contains(r.Number));
        await UnstageAsync([.. dropped], cancellation);
    }

    async Task UnstageAsync(int[] numbers, CancellationToken cancellation)
    {
        if (numbers.Length == 0)
            return;
        foreach (var merge in session.Merges)
            await session.Connection.RunAsync(merge.Unstage, cancellation, numbers);
    }

    /// <summary>
    /// Refuses documents that claim a key which another document has. A claim counts only while its document stands:
    /// so those are refused first whose opponents are sure to stay, then it is looked again, until nobody is in conflict.
    /// </summary>
    async Task RefuseConflictsAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        var encoder = session.Encoder;
        while (true)
        {
            var conflicts = new List<(int Number, int? Opponent, Violation Violation)>();
            for (int i = 0; i < session.Merges.Length; i++)
                if (session.Dataset.Tables[i].CanConflict && encoder.Rows(i).Count > 0)
                    await foreach (var row in session.Connection.RowsAsync(session.Merges[i].FindConflicts(withTable: !repairing), cancellation))
                        conflicts.Add((row.GetInt32(0), row.IsDBNull(3) ? null : row.GetInt32(3), Conflict(session.Dataset.Tables[i], row.GetString(1), row.GetString(2))));
            if (conflicts.Count == 0)
                return;
            var unsure = conflicts.Select(c => c.Number).ToHashSet();
            var losers = conflicts.Where(c => c.Opponent is not { } opponent || opponent == c.Number || !unsure.Contains(opponent))
                .GroupBy(c => c.Number).ToDictionary(g => g.Key, g => g.Select(c => c.Violation).Distinct().ToArray());
            foreach (var (number, violations) in losers)
                encoder.Refused.Add(encoder.Refuse(batch, number, violations));
            await UnstageAsync([.. losers.Keys], cancellation);
            await session.Connection.RunAsync($"UPDATE {MergeSql.Documents} SET _accepted = false WHERE _doc = ANY ($1)", cancellation, losers.Keys.ToArray());
        }
    }

    static Violation Conflict(Table table, string key, string owner)
    {
        string path = table.Source.Path + "." + string.Join(", ", table.Key.Select(c => c.Field!.Name));
        if (table.Key.Any(c => c.IsPersonal))
            key = "***";
        if (table.DocumentKey.Any(c => c.IsPersonal))
            owner = "***";
        return new Violation(RuleNames.KeyConflict, path, key, $"'{path}' {key} already belongs to document {owner}; a row of {table.QualifiedName} has one owner.");
    }

    /// <summary>Removes the rows of documents that the source no longer has, within the bounds of the session.</summary>
    public async Task RemoveGoneAsync(ScanBounds bounds, TableLedger[] tables, RowVersion version, CancellationToken cancellation)
    {
        for (int i = 0; i < tables.Length; i++)
            if (!tables[i].Table.IsShared)
                tables[i].Removed += await session.Writer.RemoveAsync(session.Merges[i].RemoveGone(bounds), tables[i].Table, version, cancellation);
    }

    async Task RemoveVanishedAsync(TableLedger[] tables, RowVersion version, CancellationToken cancellation)
    {
        for (int i = 0; i < tables.Length; i++)
            if (tables[i].Table.Kind is TableKind.Nested or TableKind.Child)
                tables[i].Removed += await session.Writer.RemoveAsync(session.Merges[i].RemoveVanished, tables[i].Table, version, cancellation);
    }

    async Task MergeAsync(MergeSql merge, TableLedger books, RowVersion version, CancellationToken cancellation)
    {
        long staged = await session.Connection.ScalarAsync<long>(merge.CountStage, cancellation);
        books.Produced = staged;
        if (books.Table.IsShared)
        {
            if (fillsShared)
                await session.Connection.RunAsync(merge.AddCandidates, cancellation, session.Run.Id);
            books.Merged = staged;
        }
        else if (staged > 0)
            await session.Writer.WriteAsync(merge, books, staged, version, repairing, cancellation);
    }
}
