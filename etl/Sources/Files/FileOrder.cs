using System.Text;

namespace Etl.Sources.Files;

/// <summary>Sorts files by (Modified, Name), however many: what does not fit in memory waits in sorted runs in a temporary file each.</summary>
/// <param name="held">Files held in memory, at most; a run has as many.</param>
internal sealed class FileOrder(int held = FileOrder.DefaultHeld) : IDisposable
{
    public const int DefaultHeld = 100_000;

    readonly List<FileEntry> files = [];
    readonly List<FileStream> runs = [];

    /// <summary>Runs on disk.</summary>
    public int Runs => runs.Count;

    public void Add(in FileEntry file)
    {
        if (files.Count == held)
            Spill();
        files.Add(file);
    }

    void Spill()
    {
        files.Sort();
        string path = Path.Combine(Path.GetTempPath(), $"quality-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        runs.Add(stream);
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            foreach (var file in files)
            {
                writer.Write(file.Name);
                writer.Write(file.Modified);
                writer.Write(file.Size);
                writer.Write(file.PendingSince);
                writer.Write(file.WasRead);
            }
        stream.Position = 0;
        files.Clear();
    }

    /// <summary>All that was added, in order; once.</summary>
    public IEnumerable<FileEntry> InOrder()
    {
        files.Sort();
        if (runs.Count == 0)
            return files;
        return Merged();
    }

    IEnumerable<FileEntry> Merged()
    {
        var next = new PriorityQueue<IEnumerator<FileEntry>, FileEntry>();
        foreach (var run in runs.Select(Read).Append(files).Select(r => r.GetEnumerator()))
            if (run.MoveNext())
                next.Enqueue(run, run.Current);
        while (next.TryDequeue(out var run, out var file))
        {
            yield return file;
            if (run.MoveNext())
                next.Enqueue(run, run.Current);
        }
    }

    static IEnumerable<FileEntry> Read(FileStream run)
    {
        using var reader = new BinaryReader(run, Encoding.UTF8, leaveOpen: true);
        while (run.Position < run.Length)
            yield return new FileEntry(reader.ReadString(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBoolean());
    }

    public void Dispose()
    {
        foreach (var run in runs)
            run.Dispose();
    }
}
