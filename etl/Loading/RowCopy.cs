using Etl.Contracts;
using Etl.Flattening;
using Npgsql;

namespace Etl.Loading;

/// <summary>Copies the rows and keys of a batch into the session's staging tables, or new rows straight into their table.</summary>
internal sealed class RowCopy(NpgsqlConnection connection)
{
    /// <summary>Microseconds from 2000-01-01 are what a timestamptz is.</summary>
    static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly CopyBlock block = new();
    readonly FieldBuffer own = new(64);

    /// <summary>Into the table itself: new rows, with Quality's own columns.</summary>
    public Task InsertAsync(MergeSql merge, EncodedRows rows, RowVersion version, Run run, DateTimeOffset now, CancellationToken cancellation)
    {
        own.Truncate();
        own.Int32(16);
        version.ToGuid().TryWriteBytes(own.Take(16), bigEndian: true, out _);
        own.Int32(8);
        own.Int64(run.Id);
        own.Int32(8);
        own.Int64((now - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);
        return SendAsync(merge.CopyIntoTable, rows, RowState.New, (short)(rows.Table.Columns.Count + 4), toTable: true, cancellation);
    }

    /// <summary>Into the staging table, with the number of each row's document.</summary>
    public Task StageAsync(MergeSql merge, EncodedRows rows, RowState state, CancellationToken cancellation) =>
        SendAsync(merge.CopyIntoStage, rows, state, (short)(rows.Table.Columns.Count + 2), toTable: false, cancellation);

    Task SendAsync(string copy, EncodedRows rows, RowState state, short columns, bool toTable, CancellationToken cancellation)
    {
        int next = 0;
        return block.SendAsync(connection, copy, Fill, cancellation);

        bool Fill()
        {
            var buffer = block.Buffer;
            for (; next < rows.Count; next++)
            {
                if (block.IsFull)
                    return true;
                if (rows[next] != state)
                    continue;
                buffer.Int16(columns);
                buffer.Write(rows.Fields(next));
                buffer.Int32(16);
                buffer.Hash(rows.HashOf(next));
                if (toTable)
                {
                    buffer.Write(own.Written);
                    continue;
                }
                buffer.Int32(4);
                buffer.Int32(rows.DocumentOf(next));
            }
            return false;
        }
    }

    /// <summary>One line a document whose key can be read: key, hash of its bytes, number, accepted or not.</summary>
    public Task DocumentsAsync(string copy, BatchKeys keys, Func<int, Hash128> hashOf, CancellationToken cancellation)
    {
        int next = 0;
        return block.SendAsync(connection, copy, Fill, cancellation);

        bool Fill()
        {
            var buffer = block.Buffer;
            for (; next < keys.Count; next++)
            {
                if (block.IsFull)
                    return true;
                int number = keys.NumberOf(next);
                buffer.Int16(4);
                buffer.Write(keys[next]);
                buffer.Int32(16);
                buffer.Hash(hashOf(number));
                buffer.Int32(4);
                buffer.Int32(number);
                buffer.Int32(1);
                buffer.Byte(keys.IsAccepted(next) ? (byte)1 : (byte)0);
            }
            return false;
        }
    }

    /// <summary>One line of two keys, each a binary COPY field behind its length; empty: NULL.</summary>
    public Task BoundsAsync(string copy, ReadOnlyMemory<byte> low, ReadOnlyMemory<byte> high, CancellationToken cancellation)
    {
        return block.SendAsync(connection, copy, () =>
        {
            block.Buffer.Int16(2);
            Write(low.Span);
            Write(high.Span);
            return false;
        }, cancellation);

        void Write(ReadOnlySpan<byte> field)
        {
            if (field.IsEmpty)
                block.Buffer.Int32(-1);
            else
                block.Buffer.Write(field);
        }
    }
}
