using System.Text;
using Etl.Flattening;

namespace Etl.Sources.Files;

/// <summary>A file as its folder lists it. Files are read in the order of (Modified, Name).</summary>
/// <param name="Modified">UTC ticks of the last change.</param>
/// <param name="PendingSince">UTC ticks when it was first found broken as it stands; 0: it was not.</param>
/// <param name="WasRead">It was read as it stands; only where everything is read again.</param>
internal readonly record struct FileEntry(string Name, long Modified, long Size, long PendingSince, bool WasRead = false) : IComparable<FileEntry>
{
    public Hash128 Hash => HashOf(Name);

    public static Hash128 HashOf(string name)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(name.Length)]; // a name has 255 bytes at most
        return Hash128.Of(utf8[..Encoding.UTF8.GetBytes(name, utf8)]);
    }

    /// <summary>To be remembered once what the file holds is durable.</summary>
    public SeenFile Seen => new(Hash, Modified, Size, 0);

    public int CompareTo(FileEntry other) => Modified == other.Modified ? string.CompareOrdinal(Name, other.Name) : Modified.CompareTo(other.Modified);
}
