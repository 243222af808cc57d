using System.Globalization;
using System.Text.RegularExpressions;
using Etl;
using Etl.Contracts;

namespace Quality.Commands;

/// <summary>
/// The settings of one of a contract's servers, with the environment's values where the contract names variables: <c>${NAME}</c>, or
/// <c>${NAME:-value}</c> with what stands where it is not set.
/// </summary>
internal sealed partial class ServerSettings(Contract contract, Server server)
{
    public string Server => server.Name;

    /// <returns>Null: the contract does not say.</returns>
    /// <exception cref="UsageException">An environment variable that is not set.</exception>
    public string? Text(string name) => server.Settings.GetValueOrDefault(name) is { } text
        ? Variable().Replace(text, match => Environment.GetEnvironmentVariable(match.Groups[1].Value) is { Length: > 0 } value ? value
            : match.Groups[2].Success ? match.Groups[2].Value
            : throw new UsageException($"{match.Groups[1].Value} is not set: pipeline '{contract.Pipeline}' takes '{name}' of its server '{server.Name}' ({server.Kind}) from it."))
        : null;

    /// <exception cref="UsageException">The contract does not say it, or it is empty.</exception>
    public string Required(string name) => Text(name) is { Length: > 0 } text ? text
        : throw new UsageException($"Server '{server.Name}' ({server.Kind}) of pipeline '{contract.Pipeline}' needs '{name}': a customProperty of the server in its contract.");

    /// <exception cref="UsageException">It is no whole number.</exception>
    public int? Number(string name) => Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new UsageException($"'{name}' of server '{server.Name}' must be a whole number, not '{text}'.");

    /// <summary>A list, with commas between its parts.</summary>
    public IReadOnlyList<string> List(string name) => Text(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>The variable that a setting is taken from; null: the contract has the value itself.</summary>
    public string? VariableOf(string name) => server.Settings.GetValueOrDefault(name) is { } text && Variable().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"\$\{(\w+)(?::-([^}]*))?\}")]
    private static partial Regex Variable();
}
