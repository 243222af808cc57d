namespace Etl.Sources.Files;

/// <summary>What a file's name says of its content.</summary>
/// <param name="IsLines">One document a line, not one in all.</param>
internal readonly record struct FileKind(bool IsLines, bool IsGzip)
{
    const string Gzip = ".gz";

    public string MediaType => IsGzip ? "application/gzip" : FileDocument.JsonType;

    /// <returns>Null: no event file.</returns>
    public static FileKind? Of(ReadOnlySpan<char> name, FileFormats formats)
    {
        bool gzip = formats.HasFlag(FileFormats.Gzip) && name.EndsWith(Gzip, StringComparison.Ordinal);
        var plain = gzip ? name[..^Gzip.Length] : name;
        if (plain.StartsWith('.'))
            return null;
        if (formats.HasFlag(FileFormats.Json) && plain.EndsWith(".json", StringComparison.Ordinal))
            return new FileKind(false, gzip);
        return formats.HasFlag(FileFormats.Lines) && (plain.EndsWith(".ndjson", StringComparison.Ordinal) || plain.EndsWith(".jsonl", StringComparison.Ordinal)) ? new FileKind(true, gzip) : null;
    }
}
