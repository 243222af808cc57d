using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Http;

/// <summary>
/// Keeps the documents of a part while they are fetched, and hands them out: as soon as they are there, or when all are. What a reader waits for, and
/// what is small, stays in memory; the rest lies in a file that only this user can read, and that is gone with the process. One writes while another reads.
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

    /// <summary>Whole documents, in memory, or in the file from <paramref name="Offset"/> on.</summary>
    readonly record struct Chunk(byte[]? Memory, long Offset, int Length);

    const int Header = 5, ChunkBytes = 2 * 1024 * 1024, MostInMemory = 6;

    /// <summary>How long a writer waits for its reader before it uses the file: longer, and a server might lose its patience.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    readonly Lock gate = new();
    SafeFileHandle? file;

    // The writer's.
    byte[] buffer = [];
    int end;
    long inFile;

    // Both sides', behind the gate.
    readonly Queue<Chunk> chunks = [];
    readonly Stack<byte[]> free = [];
    TaskCompletionSource news = NewNews(), room = NewNews();
    int generation, inMemory;
    bool isOver, isRead;

    // The reader's.
    byte[] window = [];
    int at, filled, header, reading;

    static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Documents and refused items that were written.</summary>
    public int Count { get; private set; }

    public bool IsFull => end >= ChunkBytes;

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
            Array.Resize(ref buffer, Math.Max(Math.Max(buffer.Length * 2, 64 * 1024), end + count));
        end += count;
        return buffer.AsSpan(end - count, count);
    }

    /// <summary>Lets go of what was written so far: to the reader, or into the file where none is waiting.</summary>
    /// <exception cref="UnavailableException">There is no room, or no such folder.</exception>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (await HandOverAsync(cancellation))
            return;
        try
        {
            file ??= Open();
            await RandomAccess.WriteAsync(file, buffer.AsMemory(0, end), inFile, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"A day cannot be kept in '{folder}' while it is read: {e.Message} Free space there, or name another folder by TMPDIR.", e);
        }
        lock (gate)
        {
            chunks.Enqueue(new Chunk(null, inFile, end));
            Tell();
        }
        (inFile, end) = (inFile + end, 0);
    }

    /// <returns>False: nobody reads, or not fast enough.</returns>
    async ValueTask<bool> HandOverAsync(CancellationToken cancellation)
    {
        for (bool waited = false; ; waited = true)
        {
            Task taken;
            lock (gate)
            {
                if (isRead && inMemory < MostInMemory)
                {
                    HandOver();
                    return true;
                }
                if (!isRead || waited)
                    return false;
                taken = room.Task;
            }
            await Task.WhenAny(taken, Task.Delay(Patience, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Behind the gate.</summary>
    void HandOver()
    {
        chunks.Enqueue(new Chunk(buffer, 0, end));
        inMemory++;
        (buffer, end) = (free.TryPop(out var used) ? used : [], 0);
        Tell();
    }

    /// <summary>Behind the gate: whoever waits looks again.</summary>
    void Tell()
    {
        var told = news;
        news = NewNews();
        told.SetResult();
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
    public void Complete()
    {
        lock (gate)
        {
            isOver = true;
            HandOver();
        }
    }

    /// <summary>Ends the writing in its midst; why is for the writer to say.</summary>
    public void GiveUp()
    {
        lock (gate)
        {
            isOver = true;
            Tell();
        }
    }

    /// <summary>Forgets everything, to be written anew.</summary>
    public void Clear()
    {
        (end, Count, inFile) = (0, 0, 0);
        lock (gate)
        {
            foreach (var chunk in chunks)
                if (chunk.Memory is { } memory)
                    free.Push(memory);
            chunks.Clear();
            (generation, isOver, inMemory) = (generation + 1, false, 0);
            Tell();
        }
        if (file is not null)
            RandomAccess.SetLength(file, 0);
    }

    /// <summary>Nobody reads it any more, and it is forgotten.</summary>
    public void Release()
    {
        Clear();
        (at, filled, header) = (0, 0, 0);
        isRead = false;
    }

    /// <summary>The document at hand, or the bytes of what could not become one; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>Why the bytes at hand are no document; null where they are one.</summary>
    public string? Reason { get; private set; }

    /// <summary>Begins to read at the first document of what is written now.</summary>
    public void Rewind()
    {
        lock (gate)
            (reading, isRead) = (generation, true);
        (at, filled, header) = (0, 0, 0);
    }

    /// <summary>Moves to the next document, and waits for it where it is not there yet.</summary>
    public async ValueTask<Next> NextAsync(CancellationToken cancellation)
    {
        at += header;
        header = 0;
        while (at == filled)
            if (await NextChunkAsync(cancellation) is not Next.Document and var none)
            {
                if (none == Next.Restarted)
                    Rewind();
                return none;
            }
        var kind = (Kind)window[at];
        int length = BinaryPrimitives.ReadInt32LittleEndian(window.AsSpan(at + 1));
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

    async ValueTask<Next> NextChunkAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Chunk chunk;
            Task more;
            lock (gate)
            {
                if (generation != reading)
                    return Next.Restarted;
                if (!chunks.TryDequeue(out chunk) && isOver)
                    return Next.End;
                if (chunk.Memory is { } memory)
                {
                    inMemory--;
                    room.TrySetResult();
                    room = NewNews();
                    if (window.Length > 0)
                        free.Push(window);
                    (window, at, filled) = (memory, 0, chunk.Length);
                    return Next.Document;
                }
                more = news.Task;
            }
            if (chunk.Length == 0)
                await more.WaitAsync(cancellation);
            else if (await TakeAsync(chunk, cancellation))
                return Next.Document;
        }
    }

    /// <returns>False when the writer began anew meanwhile.</returns>
    async ValueTask<bool> TakeAsync(Chunk chunk, CancellationToken cancellation)
    {
        if (window.Length < chunk.Length)
            window = new byte[chunk.Length];
        for (int count = 0; count < chunk.Length;)
        {
            int read = await RandomAccess.ReadAsync(file!, window.AsMemory(count, chunk.Length - count), chunk.Offset + count, cancellation);
            lock (gate)
                if (generation != reading)
                    return false; // what was read may be of either
            if (read == 0)
                throw new UnavailableException($"The file in '{folder}' that keeps a day is shorter than what was written.");
            count += read;
        }
        (at, filled) = (0, chunk.Length);
        return true;
    }

    public ValueTask DisposeAsync()
    {
        file?.Dispose();
        file = null;
        return ValueTask.CompletedTask;
    }
}
