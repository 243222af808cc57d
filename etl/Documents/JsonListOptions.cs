namespace Etl.Documents;

/// <summary>Where a list lies in a stream of JSON, and how large its elements may be.</summary>
public sealed record JsonListOptions
{
    public static readonly JsonListOptions Default = new();

    /// <summary>The member of the outermost object that holds the list; null: the list is the outermost value.</summary>
    public string? Member { get; init; }

    /// <summary>Another member of the outermost object whose text is to be kept: the link to the next page.</summary>
    public string? Kept { get; init; }

    /// <summary>An element with more bytes is passed over; its beginning is handed out, and what is wrong with it.</summary>
    /// <value>Bytes. Default: 16 MiB.</value>
    public int MaxElementBytes { get; init; } = Bson.MaxDocumentSize;

    /// <value>Bytes. Default: 128 KiB.</value>
    public int BufferBytes { get; init; } = 128 * 1024;
}
