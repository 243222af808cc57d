using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>
/// Which documents of a dataset are judged. Of certain days: those that the source puts there, and those that only the warehouse does;
/// one that the source puts elsewhere is not judged, wherever the warehouse has it. Of a filter: those that the source selects by it, and no others,
/// because nothing tells whether it would select what only the warehouse has.
/// </summary>
internal sealed class Selection
{
    readonly DaySelector? selector;
    readonly HashSet<Hash128> keys = [];

    Selection(DaySelector? selector) => this.selector = selector;

    /// <param name="isFiltered">Whether the source gives only what a filter selects.</param>
    /// <returns>Null: neither a filter nor days were asked for, or the dataset has none.</returns>
    public static async Task<Selection?> ReadAsync(NpgsqlConnection connection, Dataset dataset, DayRange? days, bool isFiltered, CancellationToken cancellation)
    {
        var selector = DaySelector.For(dataset, days);
        if (selector is null || isFiltered)
            return isFiltered ? new Selection(selector) : null;
        var selection = new Selection(selector);
        if (dataset.PlaceOf(dataset.PartitionField!) is var (table, column))
        {
            await using var stream = await connection.BeginRawBinaryCopyAsync($"""
                COPY (SELECT DISTINCT {TableSql.Names(table.DocumentKey)} FROM {table.Live} WHERE {Identifier.Quote(column.Name)} >= '{days!.Start:yyyy-MM-dd}Z' AND {Identifier.Quote(column.Name)} < '{days.End:yyyy-MM-dd}Z') TO STDOUT (FORMAT binary)
                """, cancellation);
            await Task.Run(() =>
            {
                var rows = new CopyReader(stream);
                while (rows.Read())
                    selection.keys.Add(Hash128.Of(rows.Fields));
            }, cancellation);
        }
        return selection;
    }

    /// <summary>Whether a document of the source is of other days; asked of each of them before the warehouse is looked at.</summary>
    public bool Leaves(ReadOnlySpan<byte> document, Flattener flattener)
    {
        var key = Hash128.Of(flattener.Key(document));
        if (selector?.Selects(document) != false)
        {
            keys.Add(key);
            return false;
        }
        keys.Remove(key);
        return true;
    }

    /// <summary>Whether rows of a document are judged.</summary>
    /// <param name="documentKey">Hash of its key as the flattener encodes it.</param>
    public bool Holds(Hash128 documentKey) => keys.Contains(documentKey);
}
