using Etl.Flattening;

namespace Etl.Sources.Files;

/// <summary>What is remembered of a file. One that has the same name but was changed since, or has another size, is a new one.</summary>
/// <param name="Name">Hash of its name.</param>
/// <param name="Modified">UTC ticks of its last change.</param>
/// <param name="PendingSince">0: it was read, and what it holds is durable. Else the UTC ticks when it was first found broken, perhaps half-written.</param>
public readonly record struct SeenFile(Hash128 Name, long Modified, long Size, long PendingSince)
{
    public bool IsPending => PendingSince != 0;
}
