using System.Buffers.Binary;
using Etl.Flattening;

namespace Etl.Loading;

/// <summary>The identity of a document's content, whatever its key.</summary>
public static class DocumentHash
{
    public static Guid Of(ReadOnlySpan<byte> document)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Hash128.Of(document));
        return new Guid(bytes, bigEndian: true);
    }
}
