using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Files;

/// <summary>Reads files of one document each; one reader a thread, its buffers are used again.</summary>
internal sealed class FileReader(FileOpener opener)
{
    /// <summary>Of a file that is too large, so much is kept with its refusal.</summary>
    public const int KeptBytes = 64 * 1024;

    readonly FileDocument document = new();
    byte[] buffer = new byte[8 * 1024], text = [];

    public FileResults Results { get; } = new();

    /// <exception cref="UnavailableException">The disk fails, or the system is out of handles.</exception>
    public void Read(in FileEntry file)
    {
        using var handle = opener.Open(file, Results);
        if (handle is null)
            return;
        try
        {
            Read(file, handle);
        }
        catch (IOException e)
        {
            throw opener.Unreadable(file.Name, e);
        }
    }

    void Read(in FileEntry file, SafeFileHandle handle)
    {
        string position = opener.Folder.PositionOf(file.Name);
        var kind = opener.Folder.KindOf(file.Name);
        int length = Fill(handle, file.Size), textLength = length;
        if (length > 0 && RandomAccess.GetLength(handle) == 0 && file.Size == 0)
        {
            opener.Folder.Tally.AddSkipped(file.Name, FolderListing.IsNoFile); // a device: it gives bytes and has no length
            return;
        }
        bool tooLarge = length > FileDocument.MaxBytes;
        string? problem = tooLarge ? $"The file has more than {FileDocument.MaxBytes} bytes; its first {KeptBytes} are kept here." : null;
        if (problem is null && kind.IsGzip)
            problem = Decompress(length, out textLength);
        problem ??= document.Read((kind.IsGzip ? text : buffer).AsSpan(0, textLength), position);
        if (problem is null)
            Results.Add(document.Document);
        else if (opener.IsRefused(file, handle, Results))
            Results.AddRefused(buffer.AsSpan(0, tooLarge ? KeptBytes : length), kind.MediaType, FileDocument.Position(position), problem);
        else
            return;
        opener.Complete(file, Results);
    }

    /// <summary>Reads the file, and no more than is needed to see that it is too large.</summary>
    int Fill(SafeFileHandle handle, long expected)
    {
        const int Most = FileDocument.MaxBytes + 1;
        if (buffer.Length <= expected)
            buffer = new byte[Math.Min(expected + 1, Most)];
        int length = 0;
        while (length < Most)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, Most));
            int read = RandomAccess.Read(handle, buffer.AsSpan(length), length);
            if (read == 0)
                break;
            length += read;
        }
        return length;
    }

    string? Decompress(int compressed, out int length)
    {
        length = 0;
        try
        {
            using var gzip = GzipText.Open(new MemoryStream(buffer, 0, compressed));
            while (true)
            {
                if (length == text.Length)
                    Array.Resize(ref text, Math.Max(text.Length * 2, 8 * 1024));
                int read = gzip.Read(text, length, text.Length - length);
                if (read == 0)
                    return GzipText.TryUnseal(text.AsSpan(0, length), out length) ? null : GzipText.CutOff;
                length += read;
                if (length > FileDocument.MaxBytes + GzipText.SealBytes)
                    return $"The file is compressed and has more than {FileDocument.MaxBytes} bytes when it is not.";
            }
        }
        catch (InvalidDataException)
        {
            return GzipText.Invalid;
        }
    }
}
