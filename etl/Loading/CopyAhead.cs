using Etl.Flattening;
using Npgsql;

namespace Etl.Loading;

/// <summary>Rows of a batch in PostgreSQL's binary COPY form, kept whole: they are sent while the next batch is encoded.</summary>
internal sealed class CopyAhead
{
    /// <summary>Measured best for a COPY over a socket: larger gains nothing.</summary>
    const int PieceBytes = 256 * 1024;

    public FieldBuffer Buffer { get; } = new(PieceBytes);

    public void Begin()
    {
        Buffer.Truncate();
        Buffer.Write(CopyBlock.Header);
    }

    /// <param name="copy">COPY … FROM STDIN (FORMAT binary).</param>
    public async Task SendAsync(NpgsqlConnection connection, string copy, CancellationToken cancellation)
    {
        Buffer.Write(CopyBlock.Trailer);
        await using var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellation);
        try
        {
            for (var rest = Buffer.Memory; rest.Length > 0; rest = rest[Math.Min(PieceBytes, rest.Length)..])
                await stream.WriteAsync(rest[..Math.Min(PieceBytes, rest.Length)], cancellation);
        }
        catch
        {
            await CopyBlock.EndAsync(stream);
            throw;
        }
    }
}
