using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

internal delegate void WarehouseRow(ReadOnlySpan<byte> fields, Hash128 keyHash, Hash128 hash);

/// <summary>One reading of a table, its columns as they stand; the loader's _hash is not looked at.</summary>
internal sealed class WarehousePass(NpgsqlConnection connection, Table table, Selection? selection = null)
{
    readonly RowHasher hasher = new(table);
    readonly FieldBuffer key = new(64);
    readonly int[] documentKey = [.. table.DocumentKey.Select(c => table.Columns.ToList().IndexOf(c))];

    /// <summary>Whether rows are asked for by their key's hash; else it is not made, and stands for nothing.</summary>
    public bool HashesKeys { get; init; } = true;

    /// <summary>A condition on the rows that are read.</summary>
    public string Condition { get; init; } = "true";

    /// <summary>Rows in the table.</summary>
    public long Count { get; private set; }

    /// <summary>Rows that were read, selected or not.</summary>
    public long All { get; private set; }

    /// <summary>Rows in which a column is NULL, by the columns' order.</summary>
    public long[] Nulls { get; } = new long[table.Columns.Count];

    /// <summary>Rows left out.</summary>
    public long HeldBack { get; private set; }

    /// <param name="tell">Called with the number of rows every few thousand, and at the end.</param>
    public async Task RunAsync(IReadOnlyDictionary<Hash128, LeftOut> leftOut, WarehouseRow visit, Action<long>? tell, CancellationToken cancellation)
    {
        (Count, HeldBack) = (0, 0);
        Array.Clear(Nulls);
        try
        {
            await using var stream = await connection.BeginRawBinaryCopyAsync($"COPY (SELECT {TableSql.Names(table.Columns)} FROM {table.Live} WHERE {Condition}) TO STDOUT (FORMAT binary)", cancellation);
            await using var stop = cancellation.Register(stream.Cancel); // wakes a read that waits for a slow server
            await Task.Run(() => Read(stream, leftOut, visit, tell, cancellation), cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("Stopped while a table was read.", e, cancellation); // whatever a cancelled COPY throws
        }
    }

    void Read(Stream stream, IReadOnlyDictionary<Hash128, LeftOut> leftOut, WarehouseRow visit, Action<long>? tell, CancellationToken cancellation)
    {
        var reader = new CopyReader(stream);
        long read = 0;
        while (reader.Read())
        {
            Count++;
            if ((++read & 0xFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                tell?.Invoke(Count);
            }
            var fields = reader.Fields;
            if (selection is not null && documentKey.Length > 0 && !selection.Holds(DocumentKeyOf(fields)))
            {
                Count--;
                continue;
            }
            RowFields.CountNulls(fields, Nulls);
            if (leftOut.Count > 0 && documentKey.Length > 0 && leftOut.TryGetValue(DocumentKeyOf(fields), out var document))
            {
                document.HasRows = true;
                HeldBack++;
                continue;
            }
            visit(fields, HashesKeys ? hasher.Key(fields) : default, hasher.Row(fields));
        }
        All = read;
        tell?.Invoke(Count);
    }

    /// <summary>Hash of the document's key, as the flattener encodes it.</summary>
    Hash128 DocumentKeyOf(ReadOnlySpan<byte> fields)
    {
        key.Truncate();
        foreach (int column in documentKey)
            key.Write(RowFields.At(fields, column));
        return Hash128.Of(key.Written);
    }
}
