using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Http;

/// <summary>
/// Keeps the documents of a part while they are fetched, and hands them out: as soon as they are there, or when all are. What is small stays in
/// memory, what is large lies in a file that only this user can read, and that is gone with the process. One writes while another reads.
/// </summary>
internal sealed class Spool(string folder) : IAsyncDisposable
{
    enum Kind : byte { Document, Refused }

    /// <summary>What a reader finds.</summary>
    public enum Next
    {
        Document,

        /// <summary>The writer began anew: what was read is void.</summary>
        Restarted,
        End,
    }

    const int Header = 5, InMemory = 4 * 1024 * 1024;

    readonly Lock gate = new();
    SafeFileHandle? file;

    // The writer's.
    byte[] buffer = new byte[64 * 1024];
    int end;

    // Both sides', behind the gate.
    TaskCompletionSource news = NewNews();
    long inFile;
    int generation;
    bool isOver;
    ReadOnlyMemory<byte> rest; // what is not in the file when all is written

    // The reader's.
    byte[] window = [];
    int at, filled, header, reading;
    long taken;
    bool tookRest;

    static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Documents and refused items that were written.</summary>
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

    /// <summary>Puts into the file what memory is not meant for; it can be read from there on.</summary>
    /// <exception cref="UnavailableException">There is no room, or no such folder.</exception>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        try
        {
            file ??= Open();
            await RandomAccess.WriteAsync(file, buffer.AsMemory(0, end), inFile, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"A day cannot be kept in '{folder}' while it is read: {e.Message} Free space there, or name another folder by TMPDIR.", e);
        }
        Tell(() => inFile += end);
        end = 0;
    }

    SafeFileHandle Open()
    {
        string path = Path.Combine(folder, $"quality-{Path.GetRandomFileName()}");
        if (OperatingSystem.IsWindows())
            return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        using (new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
        }
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path); // it lives as long as it is open: a process that is killed leaves nothing behind
        return handle;
    }

    /// <summary>Ends the writing.</summary>
    public void Complete() => Tell(() => (rest, isOver) = (buffer.AsMemory(0, end), true));

    /// <summary>Ends the writing in its midst; why is for the writer to say.</summary>
    public void GiveUp() => Tell(() => isOver = true);

    /// <summary>Forgets everything, to be written anew.</summary>
    public void Clear()
    {
        (end, Count) = (0, 0);
        Tell(() => (generation, inFile, isOver, rest) = (generation + 1, 0, false, default));
        if (file is not null)
            RandomAccess.SetLength(file, 0);
    }

    void Tell(Action change)
    {
        TaskCompletionSource told;
        lock (gate)
        {
            change();
            (told, news) = (news, NewNews());
        }
        told.SetResult();
    }

    /// <summary>The document at hand, or the bytes of what could not become one; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>Why the bytes at hand are no document; null where they are one.</summary>
    public string? Reason { get; private set; }

    /// <summary>Begins to read at the first document of what is written now.</summary>
    public void Rewind()
    {
        lock (gate)
            reading = generation;
        (at, filled, header, taken, tookRest) = (0, 0, 0, 0, false);
    }

    /// <summary>Moves to the next document, and waits for it where it is not there yet.</summary>
    public async ValueTask<Next> NextAsync(CancellationToken cancellation)
    {
        at += header;
        header = 0;
        if (await HasAsync(Header, cancellation) is not Next.Document and var none)
            return Ended(none);
        var kind = (Kind)window[at];
        int length = BinaryPrimitives.ReadInt32LittleEndian(window.AsSpan(at + 1));
        if (await HasAsync(Header + length, cancellation) is not Next.Document and var cut)
            return Ended(cut);
        header = Header + length;
        Current = window.AsMemory(at + Header, length);
        Reason = null;
        if (kind == Kind.Refused)
        {
            int reason = BinaryPrimitives.ReadInt32LittleEndian(Current.Span);
            Reason = Encoding.UTF8.GetString(Current.Span.Slice(sizeof(int), reason));
            Current = Current[(sizeof(int) + reason)..];
        }
        return Next.Document;
    }

    /// <summary>A document is cut at the end only where its writer gave up.</summary>
    Next Ended(Next how)
    {
        if (how == Next.Restarted)
            Rewind();
        return how;
    }

    /// <summary>Brings so many bytes into the window, from where reading stands.</summary>
    async ValueTask<Next> HasAsync(int count, CancellationToken cancellation)
    {
        while (filled - at < count)
        {
            long written;
            ReadOnlyMemory<byte> last;
            bool over;
            Task more;
            lock (gate)
            {
                if (generation != reading)
                    return Next.Restarted;
                (written, last, over, more) = (inFile, rest, isOver, news.Task);
            }
            if (taken < written)
            {
                MakeRoom(Math.Max(count, 64 * 1024));
                int wanted = (int)Math.Min(window.Length - filled, written - taken);
                int read = await RandomAccess.ReadAsync(file!, window.AsMemory(filled, wanted), taken, cancellation);
                lock (gate)
                    if (generation != reading)
                        return Next.Restarted; // what was read may be of either
                if (read == 0)
                    throw new UnavailableException($"The file in '{folder}' that keeps a day is shorter than what was written.");
                (filled, taken) = (filled + read, taken + read);
            }
            else if (!over)
                await more.WaitAsync(cancellation);
            else if (tookRest || last.IsEmpty)
                return Next.End;
            else
            {
                MakeRoom(last.Length + filled - at);
                last.CopyTo(window.AsMemory(filled));
                (filled, tookRest) = (filled + last.Length, true);
            }
        }
        return Next.Document;
    }

    /// <summary>Moves what is unread to the front of a window of at least that size.</summary>
    void MakeRoom(int size)
    {
        int unread = filled - at;
        var into = window.Length < size ? new byte[size * 2] : window;
        window.AsSpan(at, unread).CopyTo(into);
        (window, at, filled) = (into, 0, unread);
    }

    public ValueTask DisposeAsync()
    {
        file?.Dispose();
        file = null;
        return ValueTask.CompletedTask;
    }
}
