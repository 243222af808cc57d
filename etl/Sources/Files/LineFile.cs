using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Files;

/// <summary>Reads a file of one document a line, a part at a time; holds one line, of which no more than a document may have.</summary>
internal sealed class LineFile : IDisposable
{
    /// <summary>A compressed file that grows more than so many times, beyond the first of its bytes, is taken for a bomb.</summary>
    const int MostExpansion = 200;
    const long FreeBytes = 64 * 1024 * 1024;

    readonly FileOpener opener;
    readonly FileEntry file;
    readonly FileKind kind;
    readonly SafeFileHandle handle;
    readonly Stream stream;
    readonly FileDocument document = new();
    byte[] buffer = new byte[64 * 1024];
    int at, searched, end; // the line at hand, as far as it is known to have no end, and all that the buffer has
    long line, bytes;
    bool isTooLong, ended;

    LineFile(FileOpener opener, in FileEntry file, SafeFileHandle handle)
    {
        (this.opener, this.file, this.handle, kind) = (opener, file, handle, opener.Folder.KindOf(file.Name));
        var raw = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        stream = kind.IsGzip ? GzipText.Open(raw) : raw;
    }

    /// <returns>Null: nothing to read; what there is to say has been said.</returns>
    public static LineFile? Open(FileOpener opener, in FileEntry file, FileResults results) =>
        opener.Open(file, results) is { } handle ? new LineFile(opener, file, handle) : null;

    /// <summary>Reads lines until there are some bytes of documents, or no more lines.</summary>
    /// <returns>False: the file has ended.</returns>
    /// <exception cref="UnavailableException">The disk fails.</exception>
    public bool Read(FileResults results, int enoughBytes, CancellationToken cancellation)
    {
        try
        {
            while (!ended && results.Bytes < enoughBytes)
            {
                cancellation.ThrowIfCancellationRequested();
                ReadLine(results);
            }
        }
        catch (InvalidDataException)
        {
            line++;
            Break(results, GzipText.Invalid);
        }
        catch (IOException e)
        {
            throw opener.Unreadable(file.Name, e);
        }
        return !ended;
    }

    void ReadLine(FileResults results)
    {
        int length = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
        if (length >= 0)
        {
            line++;
            Take(buffer.AsSpan(at, searched + length - at), results);
            at = searched = searched + length + 1;
            return;
        }
        searched = end;
        if (!Fill())
            End(results);
        else if (kind.IsGzip && bytes > FreeBytes && bytes / MostExpansion > file.Size)
        {
            line++;
            Break(results, $"The file is compressed and grows more than {MostExpansion} times. Nothing is read from line {line} on.");
        }
    }

    bool Fill()
    {
        buffer.AsSpan(at, end - at).CopyTo(buffer);
        (searched, end, at) = (searched - at, end - at, 0);
        isTooLong |= end > FileDocument.MaxBytes;
        if (isTooLong)
            searched = end = FileReader.KeptBytes; // what comes behind is looked through for the line's end
        if (end == buffer.Length)
            Array.Resize(ref buffer, buffer.Length * 2);
        int read = stream.Read(buffer.AsSpan(end));
        end += read;
        bytes += read;
        return read > 0;
    }

    /// <summary>A line that ends as lines do is complete: when it is broken, it is broken for good.</summary>
    void Take(ReadOnlySpan<byte> text, FileResults results)
    {
        if (Add(text, results) is { } problem)
            Refuse(text, results, problem);
        isTooLong = false;
    }

    void End(FileResults results)
    {
        int length = end - at;
        if (!isTooLong && kind.IsGzip && !GzipText.TryUnseal(buffer.AsSpan(at, length), out length))
        {
            line++;
            Break(results, GzipText.CutOff);
            return;
        }
        line++;
        if (length > 0 && Add(buffer.AsSpan(at, length), results) is { } problem)
            Break(results, problem);
        else
            Finish(results);
    }

    /// <returns>What is wrong with the line; null: nothing, it has been added, or has nothing in it.</returns>
    string? Add(ReadOnlySpan<byte> text, FileResults results)
    {
        isTooLong |= text.Length > FileDocument.MaxBytes;
        if (isTooLong)
            return $"The line has more than {FileDocument.MaxBytes} bytes; its first {FileReader.KeptBytes} are kept here.";
        text = text.Trim(" \t\r"u8);
        if (text.IsEmpty)
            return null;
        string? problem = document.Read(text, Position);
        if (problem is null)
            results.Add(document.Document);
        return problem;
    }

    /// <summary>The rest of the file cannot be read, perhaps not yet.</summary>
    void Break(FileResults results, string problem)
    {
        if (opener.IsRefused(file, handle, results))
        {
            Refuse(buffer.AsSpan(at, end - at), results, problem);
            opener.Complete(file, results);
        }
        ended = true;
    }

    void Finish(FileResults results)
    {
        opener.Complete(file, results);
        ended = true;
    }

    void Refuse(ReadOnlySpan<byte> text, FileResults results, string problem) =>
        results.AddRefused(isTooLong ? text[..FileReader.KeptBytes] : text, FileDocument.JsonType, FileDocument.Position(Position), problem);

    string Position => $"{opener.Folder.PositionOf(file.Name)}#{line}";

    public void Dispose()
    {
        stream.Dispose();
        handle.Dispose();
    }
}
