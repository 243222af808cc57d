using System.CommandLine;

namespace Quality.Commands;

/// <summary>Arguments and options that several verbs share.</summary>
internal static class Options
{
    public static Argument<string> Pipeline() => new("PIPELINE")
    {
        Description = $"Name of a shipped pipeline ({string.Join(", ", PipelineFolders.Shipped())}), or a folder with contract.yaml",
    };

    public static Option<string> Mongo() => new("--mongo")
    {
        Description = "MongoDB: mongodb://… or 'embedded' (an emulator, its data kept in .quality/); env QUALITY_MONGO",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("QUALITY_MONGO") is { Length: > 0 } uri ? uri : Servers.Embedded,
        HelpName = "URI",
    };

    public static Option<string> Warehouse() => new("--warehouse")
    {
        Description = "PostgreSQL: postgres://…, an Npgsql string, or 'embedded' (kept in .quality/); env QUALITY_WAREHOUSE",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("QUALITY_WAREHOUSE") is { Length: > 0 } connection ? connection : Servers.Embedded,
        HelpName = "CONN",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document on standard output, and nothing else there" };

    public static Option<string[]> Dataset() => new("--dataset") { Description = "Only this dataset of the contract; may be repeated", HelpName = "D" };

    public static Option<int> Seed() => new("--seed") { Description = "Seed of everything left to chance", HelpName = "N", DefaultValueFactory = _ => 1 };
}
