using System.Buffers.Binary;
using Chaos.MongoEmulator.Values;
using Chaos.MongoEmulator.Wire;
using Etl;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>Replays a log. A tail torn off by a kill is cut and told; any other damage is an error that names the file.</summary>
sealed class OperationLogReader(string path, Action<string> log)
{
    public delegate void Replay(OperationKind kind, ulong clusterTime, byte[] document);

    /// <returns>Whether there was anything; an empty file is what a kill leaves of a collection just begun.</returns>
    /// <exception cref="UnavailableException">The file is damaged other than at its end.</exception>
    public bool Read(Replay replay)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 1 << 20);
        Span<byte> head = stackalloc byte[OperationLog.HeaderSize];
        int got = stream.ReadAtLeast(head[..8], 8, throwOnEndOfStream: false);
        if (!head[..got].SequenceEqual(OperationLog.Magic[..got]))
            throw Damaged("it does not begin as a log of this emulator does", 0);
        if (got < OperationLog.Magic.Length)
        {
            Cut(stream, 0);
            return false;
        }
        Span<byte> prefix = stackalloc byte[OperationLog.PrefixSize];
        bool any = false;
        while (true)
        {
            long start = stream.Position;
            got = stream.ReadAtLeast(head, OperationLog.HeaderSize, throwOnEndOfStream: false);
            if (got == 0)
                return any;
            if (got < OperationLog.HeaderSize)
            {
                Cut(stream, start);
                return any;
            }
            if (Crc32C.Of(head[..8]) != BinaryPrimitives.ReadUInt32LittleEndian(head[8..]))
                throw Damaged("the header of a record fails its checksum", start);
            int length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length < OperationLog.PrefixSize + BsonReader.SmallestDocument)
                throw Damaged($"a record of {length} bytes", start);
            if (length > stream.Length - stream.Position)
            {
                Cut(stream, start);
                return any;
            }
            stream.ReadExactly(prefix);
            byte[] document = new byte[length - OperationLog.PrefixSize];
            stream.ReadExactly(document);
            if (Crc32C.Of(document, Crc32C.Of(prefix)) != BinaryPrimitives.ReadUInt32LittleEndian(head[4..]))
                throw Damaged("a record fails its checksum", start);
            try
            {
                DocumentShape.Check(document, DocumentShape.MaxCommandDepth);
                replay((OperationKind)prefix[0], BinaryPrimitives.ReadUInt64LittleEndian(prefix[1..]), document);
            }
            catch (Exception e) when (e is BsonException or InvalidDataException)
            {
                throw Damaged(e.Message, start);
            }
            any = true;
        }
    }

    void Cut(FileStream stream, long at)
    {
        log($"{path}: {stream.Length - at} bytes of an unfinished write at the end were cut off, at byte {at}.");
        stream.SetLength(at);
    }

    UnavailableException Damaged(string what, long at) => new(
        $"{path} is damaged at byte {at}: {what}. Restore the file, or move it away to go on without its collection.");
}
