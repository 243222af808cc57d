namespace Etl.Sources.Files;

/// <summary>Which files of a folder are events, by the end of their names. Names that begin with a dot never are: writers' half-done work.</summary>
[Flags]
public enum FileFormats
{
    /// <summary><c>*.json</c>: one document a file.</summary>
    Json = 1,

    /// <summary><c>*.ndjson</c> and <c>*.jsonl</c>: one document a line.</summary>
    Lines = 2,

    /// <summary>The same, compressed: <c>*.json.gz</c>, <c>*.ndjson.gz</c> …</summary>
    Gzip = 4,
}
