using Etl.Flattening;
using Npgsql;

namespace Etl.Loading;

/// <summary>Rows of one table in PostgreSQL's binary COPY form, gathered for a batch and sent in one piece.</summary>
internal sealed class CopyBlock(int columns)
{
    readonly FieldBuffer buffer = new(64 * 1024);
    static readonly byte[] Header = MakeHeader();
    static readonly byte[] Trailer = [0xFF, 0xFF];

    public int Rows { get; private set; }

    public void Clear()
    {
        buffer.Truncate();
        Rows = 0;
    }

    /// <param name="fields">The contract's columns, each behind its length.</param>
    public void Add(ReadOnlySpan<byte> fields, UInt128 hash, int document)
    {
        buffer.Int16((short)columns);
        buffer.Write(fields);
        buffer.Int32(16);
        buffer.UInt128(hash);
        buffer.Int32(4);
        buffer.Int32(document);
        Rows++;
    }

    public void Add(ReadOnlySpan<byte> fields, UInt128 hash, int document, bool accepted)
    {
        Add(fields, hash, document);
        buffer.Int32(1);
        buffer.Byte(accepted ? (byte)1 : (byte)0);
    }

    public async Task SendAsync(NpgsqlConnection connection, string copy, CancellationToken cancellation)
    {
        if (Rows == 0)
            return;
        await using var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellation);
        try
        {
            await stream.WriteAsync(Header, cancellation);
            await stream.WriteAsync(buffer.Memory, cancellation);
            await stream.WriteAsync(Trailer, cancellation);
        }
        catch
        {
            // Disposing an unfinished COPY would commit what has been sent.
            await stream.CancelAsync();
            throw;
        }
    }

    static byte[] MakeHeader()
    {
        var header = new byte[19]; // signature, flags, length of the extension
        "PGCOPY\n"u8.CopyTo(header);
        header[7] = 0xFF;
        header[8] = (byte)'\r';
        header[9] = (byte)'\n';
        return header;
    }
}
