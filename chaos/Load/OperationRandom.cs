using Chaos.Generation;

namespace Chaos.Load;

/// <summary>
/// Chance of one operation, from 64 bits of seed (SplitMix64). <see cref="Random"/> itself takes 31: among some ten thousand operations two would be
/// given the same chance, and make the same document.
/// </summary>
sealed class OperationRandom(ulong seed) : Random(0)
{
    ulong count;

    ulong NextBits() => Chance.Mix(seed, count++);

    protected override double Sample() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public override int Next() => (int)(Sample() * int.MaxValue);

    public override int Next(int maxValue) => (int)(Sample() * maxValue);

    public override int Next(int minValue, int maxValue) => (int)(minValue + (long)(Sample() * ((long)maxValue - minValue)));

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override void NextBytes(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)(NextBits() >> 56);
    }
}
