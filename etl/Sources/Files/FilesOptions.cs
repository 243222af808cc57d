namespace Etl.Sources.Files;

/// <summary>Where event files lie, and how they are read.</summary>
public sealed record FilesOptions
{
    /// <summary>The folder that has a folder for each dataset, named as the contract names its source.</summary>
    public required string Inbox { get; init; }

    /// <summary>The environment variable that names the inbox, for messages.</summary>
    public string? Variable { get; init; }

    /// <summary>Which files count, by dataset.</summary>
    /// <value>Default: <see cref="FileFormats.Json"/> alone.</value>
    public IReadOnlyDictionary<string, FileFormats> Formats { get; init; } = new Dictionary<string, FileFormats>();

    /// <summary>What was read before.</summary>
    /// <value>Default: null, nothing is remembered, each scan reads every file.</value>
    public IFileMemory? Memory { get; init; }

    /// <summary>
    /// Whether a scan reads every file, also those that are remembered, as a reconciliation must. A broken file is refused then only if it was
    /// refused before as it stands; others are pending, since no sync has seen them.
    /// </summary>
    /// <value>Default: false.</value>
    public bool ReadsAll { get; init; }

    /// <summary>Whether a scan goes on with files as they come, until it is cancelled.</summary>
    /// <value>Default: false.</value>
    public bool Follows { get; init; }

    /// <summary>How long a file that is broken must have stood still before it is refused; until then it may be half-written.</summary>
    /// <value>Default: 60 s.</value>
    public TimeSpan StandStill { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>While following: the pause between two listings, which find what the watch has missed. After a listing that took long it is ten times as long as that.</summary>
    /// <value>Default: 30 s.</value>
    public TimeSpan ListingPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Files read at the same time.</summary>
    /// <value>Default: one a processor, from 2 to 8.</value>
    public int Readers { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal FileFormats FormatsOf(string dataset) => Formats.GetValueOrDefault(dataset, FileFormats.Json);
}
