using System.Text.RegularExpressions;
using Etl;
using Etl.Contracts;

namespace Quality.Commands;

/// <summary>The settings of one of a contract's servers, with the environment's values where the contract names them.</summary>
internal sealed partial class ServerSettings(Contract contract, Server server)
{
    /// <returns>Null: the contract does not say.</returns>
    /// <exception cref="UsageException">An environment variable that is not set.</exception>
    public string? Text(string name) => server.Settings.GetValueOrDefault(name) is { } text
        ? Variable().Replace(text, match => Environment.GetEnvironmentVariable(match.Groups[1].Value) is { Length: > 0 } value ? value
            : throw new UsageException($"{match.Groups[1].Value} is not set: pipeline '{contract.Pipeline}' takes '{name}' of its server '{server.Name}' ({server.Kind}) from it."))
        : null;

    /// <exception cref="UsageException">The contract does not say it, or it is empty.</exception>
    public string Required(string name) => Text(name) is { Length: > 0 } text ? text
        : throw new UsageException($"Server '{server.Name}' ({server.Kind}) of pipeline '{contract.Pipeline}' needs '{name}': a customProperty of the server in its contract.");

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Variable();
}
