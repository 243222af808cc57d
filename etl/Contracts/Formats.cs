namespace Etl.Contracts;

/// <summary>The text formats that a contract can demand, each a pattern for the non-backtracking engine.</summary>
public static class Formats
{
    static readonly Dictionary<string, string> Patterns = new()
    {
        ["email"] = @"^[^@\s]+@[^@\s]+\.[^@\s]+\z",
        ["uuid"] = @"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\z",
        ["uri"] = @"^[A-Za-z][A-Za-z0-9+.-]*:\S+\z",
        ["hostname"] = @"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z",
        ["ipv4"] = @"^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\z",
    };

    /// <summary>The one format that no pattern says well.</summary>
    public const string Ipv6 = "ipv6";

    public static IReadOnlyCollection<string> Known { get; } = [.. Patterns.Keys, Ipv6];

    public static string Pattern(string format) => Patterns[format];
}
