using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>
/// Which documents of a dataset belong to certain days, on both sides: those that the source puts there, and those that only the warehouse does.
/// One that the source puts elsewhere is not judged, wherever the warehouse has it.
/// </summary>
internal sealed class DaySelection
{
    readonly DaySelector selector;
    readonly HashSet<Hash128> keys = [];

    DaySelection(DaySelector selector) => this.selector = selector;

    /// <returns>Null: no days were asked for, or the dataset has none.</returns>
    public static async Task<DaySelection?> ReadAsync(NpgsqlConnection connection, Dataset dataset, DayRange? days, CancellationToken cancellation)
    {
        if (DaySelector.For(dataset, days) is not { } selector)
            return null;
        var selection = new DaySelection(selector);
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
        if (selector.Selects(document))
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
