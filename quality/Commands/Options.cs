using System.CommandLine;
using Etl;
using Etl.Sources;

namespace Quality.Commands;

/// <summary>Arguments and options that several verbs share.</summary>
internal static class Options
{
    public static Argument<string> Pipeline() => new("PIPELINE")
    {
        Description = $"Name of a shipped pipeline ({string.Join(", ", PipelineFolders.Shipped())}), or a folder with contract.yaml",
    };

    // No default values here: help shows them, and what the environment holds may be a password.

    static readonly Option<string?> MongoOption = new("--mongo")
    {
        Description = "MongoDB: mongodb://… or 'embedded' (an emulator, its data kept in .quality/). Default: env QUALITY_MONGO, then embedded",
        HelpName = "URI",
        Recursive = true,
    };

    static readonly Option<string?> WarehouseOption = new("--warehouse")
    {
        Description = "PostgreSQL: postgres://…, an Npgsql string, or 'embedded' (kept in .quality/). Default: env QUALITY_WAREHOUSE, then embedded",
        HelpName = "CONN",
        Recursive = true,
    };

    static readonly Option<bool> JsonOption = new("--json") { Description = "Print one JSON document on standard output, and nothing else there", Recursive = true };

    static readonly Option<int?> SeedOption = new("--seed") { Description = "Seed of everything left to chance; kept with the run. Default: 1", HelpName = "N", Recursive = true };

    /// <summary>Known to every verb.</summary>
    public static IEnumerable<Option> Everywhere => [MongoOption, WarehouseOption, SeedOption, JsonOption];

    public static string Mongo(ParseResult parsed) => Given(parsed.GetValue(MongoOption), "QUALITY_MONGO");

    public static string Warehouse(ParseResult parsed) => Given(parsed.GetValue(WarehouseOption), "QUALITY_WAREHOUSE");

    /// <summary>Whether a server was named on the command line.</summary>
    public static bool NamesServer(ParseResult parsed) => parsed.GetValue(MongoOption) is not null || parsed.GetValue(WarehouseOption) is not null;

    public static bool Json(ParseResult parsed) => parsed.GetValue(JsonOption);

    /// <summary>The seed, if one was given.</summary>
    public static int? Seed(ParseResult parsed) => parsed.GetValue(SeedOption);

    static string Given(string? option, string variable) => option ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : Servers.Embedded);

    public static Option<string?> From() => new("--from") { Description = "Only documents of this UTC day or later (2024-01-31), by what the contract partitions by", HelpName = "DATE" };

    public static Option<string?> To() => new("--to") { Description = "Only documents of this UTC day or earlier. Default: today", HelpName = "DATE" };

    /// <exception cref="UsageException">No days, in the wrong order, or a last one without a first.</exception>
    public static DayRange? Days(string? from, string? to, TimeProvider time)
    {
        if (from is null)
            return to is null ? null : throw new UsageException("--to goes with --from: say the first day too.");
        var days = new DayRange(Day("--from", from), to is null ? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime) : Day("--to", to));
        return days.From <= days.To ? days : throw new UsageException($"--from {days.From:yyyy-MM-dd} is after {(to is null ? "today" : "--to")} {days.To:yyyy-MM-dd}.");
    }

    static DateOnly Day(string option, string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var day) && day < DateOnly.MaxValue
        ? day : throw new UsageException($"{option} must be a day such as 2024-01-31, not '{text}'.");

    /// <summary>A time as people write it: 30s, 2m, 1h, 500ms; 0.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static TimeSpan Duration(string option, string text)
    {
        string unit = text.TrimStart([.. "0123456789."]);
        double? seconds = unit switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, "" when text == "0" => 1, _ => null };
        return seconds is { } factor && double.TryParse(text[..^unit.Length], System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out double number) && number * factor <= LongestDuration.TotalSeconds
            ? TimeSpan.FromSeconds(number * factor) : throw new UsageException($"{option} must be a time such as 30s, 2m, 1h or 0, at most {LongestDuration.TotalHours:N0}h, not '{text}'.");
    }

    /// <summary>A share in per cent: 5% or 0.1%.</summary>
    /// <returns>0 to 1.</returns>
    /// <exception cref="UsageException">It is none.</exception>
    public static double Share(string option, string text) =>
        double.TryParse(text.TrimEnd('%').TrimEnd(), System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out double percent) && percent is > 0 and < 100
            ? percent / 100 : throw new UsageException($"{option} must be a share above 0 % and below 100 %, such as 5%, not '{text}'.");

    static readonly TimeSpan LongestDuration = TimeSpan.FromHours(24);

    public static Option<string[]> Dataset() => new("--dataset") { Description = "Only this dataset of the contract; may be repeated", HelpName = "D" };
}
