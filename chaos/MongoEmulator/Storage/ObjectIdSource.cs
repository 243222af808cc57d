using System.Buffers.Binary;

namespace Chaos.MongoEmulator.Storage;

/// <summary>ObjectIds for documents that come without one: cluster seconds, five bytes of the seed, a counter.</summary>
sealed class ObjectIdSource(ClusterClock clock, Random random)
{
    readonly byte[] process = Bytes(random);
    int counter = random.Next(1 << 24);

    static byte[] Bytes(Random random)
    {
        byte[] five = new byte[5];
        random.NextBytes(five);
        return five;
    }

    public void Next(Span<byte> id)
    {
        BinaryPrimitives.WriteUInt32BigEndian(id, (uint)(clock.Tick() >> 32));
        process.CopyTo(id[4..]);
        int next = Interlocked.Increment(ref counter);
        (id[9], id[10], id[11]) = ((byte)(next >> 16), (byte)(next >> 8), (byte)next);
    }
}
