namespace Etl.Contracts;

/// <summary>Where datasets of a contract are read from.</summary>
/// <param name="Name">As datasets call it.</param>
/// <param name="Kind">One of <see cref="ServerKinds"/>.</param>
/// <param name="Settings">As the contract writes them: <c>${NAME}</c> stands for an environment variable, so that no secret need stand in a contract.</param>
public sealed record Server(string Name, string Kind, IReadOnlyDictionary<string, string> Settings)
{
    public override string ToString() => Name;
}
