using Etl.Flattening;
using Npgsql;

namespace Etl.Loading;

/// <summary>Rows of PostgreSQL's binary COPY form on their way into a table, in pieces that are worth a write.</summary>
public sealed class CopyBlock
{
    /// <summary>Measured best for a COPY over a socket: larger gains nothing.</summary>
    const int FullBytes = 256 * 1024;

    internal static readonly byte[] Header = MakeHeader();
    internal static readonly byte[] Trailer = [0xFF, 0xFF];

    readonly FieldBuffer buffer = new(FullBytes + 64 * 1024);

    public FieldBuffer Buffer => buffer;

    /// <summary>Sends rows.</summary>
    /// <param name="copy">COPY … FROM STDIN (FORMAT binary).</param>
    /// <param name="fill">Writes rows into <see cref="Buffer"/> until <see cref="IsFull"/>, or until there are none left: then it says false.</param>
    public async Task SendAsync(NpgsqlConnection connection, string copy, Func<bool> fill, CancellationToken cancellation)
    {
        await using var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellation);
        try
        {
            buffer.Truncate();
            buffer.Write(Header);
            bool more = true;
            while (more)
            {
                more = fill();
                if (!more)
                    buffer.Write(Trailer);
                await stream.WriteAsync(buffer.Memory, cancellation);
                buffer.Truncate();
            }
        }
        catch
        {
            await EndAsync(stream);
            throw;
        }
    }

    /// <summary>Disposing an unfinished COPY would commit what has been sent.</summary>
    internal static async Task EndAsync(NpgsqlRawCopyStream stream)
    {
        try
        {
            await stream.CancelAsync();
        }
        catch (Exception e) when (e is ObjectDisposedException or NpgsqlException or IOException)
        {
            // The server has ended it, or is gone: nothing is committed, and why is what the caller is told.
        }
    }

    public bool IsFull => buffer.Length >= FullBytes;

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
