using System.Buffers.Binary;
using System.Text;

namespace Etl.Sources.Http;

/// <summary>
/// Keeps the documents of a part until it is there whole; then hands them out. What is small stays in memory, what is large lies in a
/// file that only this user can read, and that is gone with the process.
/// </summary>
internal sealed class Spool(string folder) : IAsyncDisposable
{
    enum Kind : byte { Document, Refused }

    const int Header = 5, InMemory = 4 * 1024 * 1024;

    byte[] buffer = new byte[64 * 1024];
    int at, end;
    FileStream? file;
    long inFile, taken;
    int header;

    /// <summary>Documents and refused items.</summary>
    public int Count { get; private set; }

    public bool IsFull => end >= InMemory;

    public void Add(ReadOnlySpan<byte> document)
    {
        Begin(Kind.Document, document.Length);
        document.CopyTo(Take(document.Length));
    }

    public void AddRefused(ReadOnlySpan<byte> bytes, string reason)
    {
        int length = Encoding.UTF8.GetByteCount(reason);
        Begin(Kind.Refused, sizeof(int) + length + bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), length);
        Encoding.UTF8.GetBytes(reason, Take(length));
        bytes.CopyTo(Take(bytes.Length));
    }

    void Begin(Kind kind, int length)
    {
        var frame = Take(Header);
        frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(frame[1..], length);
        Count = checked(Count + 1);
    }

    Span<byte> Take(int count)
    {
        if (buffer.Length - end < count)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, end + count));
        end += count;
        return buffer.AsSpan(end - count, count);
    }

    /// <summary>Puts into the file what memory is not meant for.</summary>
    /// <exception cref="UnavailableException">There is no room, or no such folder.</exception>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        try
        {
            file ??= Open();
            await file.WriteAsync(buffer.AsMemory(0, end), cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"A day cannot be kept in '{folder}' while it is read: {e.Message} Free space there, or name another folder by TMPDIR.", e);
        }
        (inFile, end) = (inFile + end, 0);
    }

    FileStream Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0, Share = FileShare.Delete, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
            (options.UnixCreateMode, options.Options) = (UnixFileMode.UserRead | UnixFileMode.UserWrite, FileOptions.None);
        var stream = new FileStream(Path.Combine(folder, $"quality-{Path.GetRandomFileName()}"), options);
        if (!OperatingSystem.IsWindows())
            File.Delete(stream.Name); // it lives as long as it is open: a process that is killed leaves nothing behind
        return stream;
    }

    /// <summary>Ends the writing; reading begins with the first document.</summary>
    public async Task CompleteAsync(CancellationToken cancellation)
    {
        if (file is not null)
        {
            await FlushAsync(cancellation);
            file.Position = 0;
        }
        (at, taken, header) = (0, 0, 0);
    }

    /// <summary>Forgets everything, to be used again.</summary>
    public void Clear()
    {
        file?.SetLength(0);
        if (file is not null)
            file.Position = 0;
        (at, end, inFile, taken, Count, header) = (0, 0, 0, 0, 0, 0);
    }

    /// <summary>The document at hand, or the bytes of what could not become one; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>Why the bytes at hand are no document; null where they are one.</summary>
    public string? Reason { get; private set; }

    /// <summary>Moves to the next document; false at the end.</summary>
    public async ValueTask<bool> NextAsync(CancellationToken cancellation)
    {
        at += header;
        header = 0;
        if (!await HasAsync(Header, cancellation))
            return false;
        var kind = (Kind)buffer[at];
        int length = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + 1));
        if (!await HasAsync(Header + length, cancellation))
            throw new InvalidOperationException("The kept day ends in the midst of a document.");
        header = Header + length;
        Current = buffer.AsMemory(at + Header, length);
        Reason = null;
        if (kind == Kind.Refused)
        {
            int reason = BinaryPrimitives.ReadInt32LittleEndian(Current.Span);
            Reason = Encoding.UTF8.GetString(Current.Span.Slice(sizeof(int), reason));
            Current = Current[(sizeof(int) + reason)..];
        }
        return true;
    }

    /// <summary>Brings so many bytes into the buffer, from where reading stands.</summary>
    async ValueTask<bool> HasAsync(int count, CancellationToken cancellation)
    {
        while (end - at < count)
        {
            if (file is null || taken == inFile)
                return end - at >= count;
            buffer.AsSpan(at, end - at).CopyTo(buffer);
            (end, at) = (end - at, 0);
            if (buffer.Length < count)
                Array.Resize(ref buffer, count * 2);
            int read = await file.ReadAsync(buffer.AsMemory(end), cancellation);
            if (read == 0)
                throw new UnavailableException($"The file in '{folder}' that keeps a day is shorter than what was written.");
            (end, taken) = (end + read, taken + read);
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (file is not null)
            await file.DisposeAsync();
        file = null;
    }
}
