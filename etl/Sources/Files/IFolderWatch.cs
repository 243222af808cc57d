namespace Etl.Sources.Files;

/// <summary>Tells of files that are new or changed; nobody relies on it to tell of all.</summary>
internal interface IFolderWatch : IDisposable
{
    /// <summary>What was told since the last time.</summary>
    /// <returns>Null: some was lost: list the folder.</returns>
    IReadOnlyList<string>? Take();

    /// <summary>Returns when something was told, or the time is over.</summary>
    Task WaitAsync(TimeSpan most, CancellationToken cancellation);
}
