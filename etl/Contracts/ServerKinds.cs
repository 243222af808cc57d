namespace Etl.Contracts;

/// <summary>The kinds of source that a contract can name, and the settings that each of them takes.</summary>
public static class ServerKinds
{
    public const string MongoDb = "mongodb", Http = "http", Files = "files", RabbitMq = "rabbitmq", Csv = "csv";

    static readonly Dictionary<string, string[]> Known = new()
    {
        [MongoDb] = ["database"],
        [Http] = ["url", "token", "tokenHeader", "byDay", "dateParameter", "noDataDetail", "items", "nextLink", "pageParameter", "firstPage", "parallelDays", "allowedHosts"],
        [Files] = ["folder", "formats"],
        [RabbitMq] = ["url", "prefetch"],
        [Csv] = ["file", "delimiter", "encoding"],
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    public static IReadOnlyList<string> SettingsOf(string kind) => Known.GetValueOrDefault(kind, []);

    /// <summary>Every setting of any kind.</summary>
    public static IReadOnlyList<string> AllSettings { get; } = [.. Known.Values.SelectMany(s => s).Distinct()];
}
