using Etl.Contracts;
using Etl.Sources.Files;
using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Csv;

/// <summary>One reading of a file, from its beginning. A file that somebody writes meanwhile is neither the old nor the new one: that is an error.</summary>
internal sealed class CsvFile : IDisposable
{
    const int Buffer = 0; // the reader has its own

    readonly FileStream stream;
    readonly string place;
    readonly (long Length, DateTime Written) state;

    CsvFile(SafeFileHandle handle, string place, CsvOptions options)
    {
        this.place = place;
        stream = new FileStream(handle, FileAccess.Read, Buffer);
        state = State();
        Reader = new CsvReader(stream, (byte)options.Delimiter, options.LargestRecord, options.KeptOfLargeRecord);
    }

    public CsvReader Reader { get; }

    public CsvHeader Header { get; private set; } = null!;

    public long Length => state.Length;

    /// <exception cref="UnavailableException">There is no file, or its beginning is not what the contract says.</exception>
    public static CsvFile Open(string path, Dataset dataset, CsvOptions options, CsvEncoding encoding)
    {
        string place = $"The CSV file '{path}'";
        // A link is somebody's word for where the file is; RegularFile follows none.
        string target = Target(path) ?? throw new UnavailableException($"{place} is a link that leads nowhere. Mend it, or name the file.");
        var (handle, problem) = RegularFile.Open(target);
        if (handle is null)
            throw new UnavailableException(problem switch
            {
                FileProblem.Denied => $"{place} cannot be read: this user may not. Change its permissions (chmod) or its owner.",
                FileProblem.NotAFile => $"{place} is no file but a folder, a pipe or a device. Name a file.",
                _ => $"{place} does not exist.{Near(path)} Check the path; a relative one begins in '{Directory.GetCurrentDirectory()}'.",
            });
        var file = new CsvFile(handle, place, options);
        try
        {
            file.SkipMark(encoding);
            file.Header = CsvHeader.Read(file.Reader, encoding, dataset, place);
            file.Reader.Expected = file.Header.Columns.Count;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>At the end: that it is the file that was begun.</summary>
    /// <exception cref="UnavailableException">It has changed.</exception>
    public void CheckUnchanged()
    {
        if (State() != state)
            throw new UnavailableException($"{place} was written while it was read: it had {state.Length:N0} bytes and has {stream.Length:N0}. What is committed stays; run again when it is complete. (Write a new file beside it and rename it, and this cannot happen.)");
    }

    (long, DateTime) State() => (stream.Length, File.GetLastWriteTimeUtc(stream.SafeFileHandle));

    void SkipMark(CsvEncoding encoding)
    {
        Span<byte> first = stackalloc byte[3];
        int read = stream.ReadAtLeast(first, 3, throwOnEndOfStream: false);
        if (first[..read] is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new UnavailableException($"{place} is UTF-16. Convert it first: iconv -f UTF-16 -t UTF-8.");
        bool marked = first[..read] is [0xEF, 0xBB, 0xBF];
        if (marked && encoding.Name != "UTF-8")
            throw new UnavailableException($"{place} begins with the mark of UTF-8, and the contract says {encoding.Name}. Correct the contract.");
        Reader.Begin(marked ? 3 : 0);
    }

    static string? Target(string path)
    {
        try
        {
            var link = new FileInfo(path);
            return link.LinkTarget is null ? path : link.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? target.FullName : null;
        }
        catch (IOException)
        {
            return null; // links in a circle
        }
    }

    static string Near(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Directory.Exists(folder) ? Names.DidYouMean(Path.GetFileName(path), [.. Directory.EnumerateFiles(folder, "*.csv").Select(f => Path.GetFileName(f)).Take(1_000)]) : $" There is no folder '{folder}'.";
    }

    public void Dispose() => stream.Dispose();
}
