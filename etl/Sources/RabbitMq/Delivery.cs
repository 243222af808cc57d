namespace Etl.Sources.RabbitMq;

/// <summary>A message as the broker handed it out; not acknowledged yet.</summary>
/// <param name="Tag">Counted from 1 on its channel.</param>
/// <param name="Buffer">Rented; the body is its first <paramref name="Length"/> bytes.</param>
internal readonly record struct Delivery(ulong Tag, byte[] Buffer, int Length)
{
    public ReadOnlySpan<byte> Body => Buffer.AsSpan(0, Length);
}
