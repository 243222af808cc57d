using System.Buffers.Binary;
using System.Text;
using Chaos.MongoEmulator.Wire;

namespace Chaos.MongoEmulator.Storage;

/// <summary>What a record of the log does.</summary>
enum OperationKind : byte
{
    /// <summary>The collection's name, uuid and indexes; always the first record.</summary>
    Describe = 1,
    Put = 2,
    /// <summary>A document that holds the _id alone.</summary>
    Delete = 3,
}

/// <summary>
/// Everything done to one collection, appended: magic, then records of
/// <c>length u32, CRC-32C of the payload u32, CRC-32C of those eight bytes u32</c> and the payload
/// <c>kind u8, cluster time u64, BSON document</c>. Written to the system before a command is answered, to the disk every second and on close.
/// </summary>
sealed class OperationLog : IDisposable
{
    public const int HeaderSize = 12, PrefixSize = 9;
    public static ReadOnlySpan<byte> Magic => "QMONGO01"u8;

    readonly FileStream stream;
    Exception? broken;
    bool unsynced;

    /// <param name="path">Opened at its end, or made.</param>
    public OperationLog(string path)
    {
        Path = path;
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        stream.Seek(0, SeekOrigin.End);
        if (stream.Length == 0)
            stream.Write(Magic);
    }

    public string Path { get; }

    /// <exception cref="IOException">The disk is full or gone; nothing more is written until a restart.</exception>
    public void Append(OperationKind kind, ulong clusterTime, ReadOnlySpan<byte> document)
    {
        if (broken != null)
            throw new IOException($"{Path} can no longer be written since: {broken.Message}", broken);
        Span<byte> head = stackalloc byte[HeaderSize + PrefixSize];
        BinaryPrimitives.WriteInt32LittleEndian(head, PrefixSize + document.Length);
        var prefix = head[HeaderSize..];
        prefix[0] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(prefix[1..], clusterTime);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Crc32C.Of(document, Crc32C.Of(prefix)));
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Crc32C.Of(head[..8]));
        Guarded(head, document);
        unsynced = true;
    }

    /// <summary>Hands what was appended to the operating system: it survives the death of this process.</summary>
    public void Flush()
    {
        try
        {
            stream.Flush();
        }
        catch (IOException e)
        {
            broken ??= e;
            throw;
        }
    }

    /// <summary>To the disk: it survives the death of the machine.</summary>
    public void Sync()
    {
        if (!unsynced || broken != null)
            return;
        stream.Flush(flushToDisk: true);
        unsynced = false;
    }

    void Guarded(ReadOnlySpan<byte> head, ReadOnlySpan<byte> document)
    {
        try
        {
            stream.Write(head);
            stream.Write(document);
        }
        catch (IOException e)
        {
            broken ??= e;
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            Sync();
        }
        finally
        {
            stream.Dispose();
        }
    }

    /// <summary>A name of its own for a collection's file: readable, safe on every file system, never used twice.</summary>
    public static string FileName(string database, string collection, Guid uuid)
    {
        var text = new StringBuilder();
        foreach (char c in $"{database}.{collection}")
            text.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '~');
        return $"{(text.Length > 80 ? text.ToString(0, 80) : text)}.{uuid.ToString("N")[..12]}.log";
    }
}
