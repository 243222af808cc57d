using System.Buffers.Binary;
using Etl.Contracts;
using Etl.Flattening;
using Npgsql;

namespace Etl.Loading;

/// <summary>Copies the rows of a batch of events, each with a version of its own: into the stage, or new ones straight into their table.</summary>
internal sealed class EventCopy(NpgsqlConnection connection)
{
    /// <summary>Microseconds from 2000-01-01 are what a timestamptz is.</summary>
    static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly CopyBlock block = new();

    /// <param name="versions">By number of the document.</param>
    public Task StageAsync(EventSql sql, EncodedRows rows, RowVersion[] versions, CancellationToken cancellation) =>
        SendAsync(sql.CopyIntoStage, rows.Count, row => WriteStaged(block.Buffer, rows, row, versions), cancellation);

    /// <summary>Into the table itself; the database refuses all of them when it has the key of one.</summary>
    public Task InsertAsync(EventSql sql, EncodedRows rows, RowVersion[] versions, Run run, DateTimeOffset now, CancellationToken cancellation) =>
        SendAsync(sql.CopyIntoTable, rows.Count, row => WriteWhole(block.Buffer, rows, row, versions, run, now), cancellation);

    /// <summary>A row for <see cref="EventSql.CopyIntoTable"/>.</summary>
    public static void WriteWhole(FieldBuffer buffer, EncodedRows rows, int row, RowVersion[] versions, Run run, DateTimeOffset now)
    {
        Write(buffer, rows, row, versions, 4);
        buffer.Int32(8);
        buffer.Int64(run.Id);
        buffer.Int32(8);
        buffer.Int64((now - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>A row for <see cref="EventSql.CopyIntoStage"/>.</summary>
    public static void WriteStaged(FieldBuffer buffer, EncodedRows rows, int row, RowVersion[] versions) => Write(buffer, rows, row, versions, 2);

    static void Write(FieldBuffer buffer, EncodedRows rows, int row, RowVersion[] versions, int own)
    {
        buffer.Int16((short)(rows.Table.Columns.Count + own));
        buffer.Write(rows.Fields(row));
        buffer.Int32(Hash128.Size);
        buffer.Hash(rows.HashOf(row));
        buffer.Int32(Hash128.Size);
        var version = versions[rows.DocumentOf(row)];
        buffer.Hash(new Hash128(version.Time, version.Ordinal)); // a uuid of the same two halves
    }

    /// <summary>The entities that the rows of a batch speak of.</summary>
    public Task TouchAsync(DerivedSql derived, EncodedRows rows, CancellationToken cancellation)
    {
        int[] columns = [.. derived.Table.Entity.Select(e => rows.Table.Columns.ToList().IndexOf(e))];
        return SendAsync(derived.CopyTouched, rows.Count, row =>
        {
            block.Buffer.Int16((short)columns.Length);
            foreach (int column in columns)
                block.Buffer.Write(FieldAt(rows.Fields(row), column));
        }, cancellation);
    }

    /// <summary>Keys of refused documents, behind each the document's number.</summary>
    public Task RefusedAsync(BatchKeys keys, Table table, int firstNumber, CancellationToken cancellation) => SendAsync(EventSql.CopyRefused(table), keys.Count, i =>
    {
        block.Buffer.Int16((short)(table.Key.Count + 1));
        block.Buffer.Write(keys[i]);
        block.Buffer.Int32(4);
        block.Buffer.Int32(firstNumber + keys.NumberOf(i));
    }, cancellation);

    /// <summary>One field with its length in front.</summary>
    static ReadOnlySpan<byte> FieldAt(ReadOnlySpan<byte> fields, int column)
    {
        while (true)
        {
            int size = 4 + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(fields));
            if (column-- == 0)
                return fields[..size];
            fields = fields[size..];
        }
    }

    Task SendAsync(string copy, int count, Action<int> write, CancellationToken cancellation)
    {
        int next = 0;
        return block.SendAsync(connection, copy, () =>
        {
            for (; next < count; next++)
            {
                if (block.IsFull)
                    return true;
                write(next);
            }
            return false;
        }, cancellation);
    }
}
