using System.CommandLine;
using Etl;

namespace Quality.Commands;

/// <summary><c>quality generate PIPELINE</c>: writes made-up data into a pipeline's source.</summary>
internal static class GenerateCommand
{
    public static Command Create() => new("generate", "Write made-up data into a pipeline's source; each has options of its own: quality generate crm --help")
    {
        CommunityGeneration.Create(), ProductEventsGeneration.Create(), CardsGeneration.Create(), CrmGeneration.Create(),
    };

    public static Option<int?> Days(string which, int unlessSaid) => new("--days") { Description = $"Make so many days at once, {which}. Default: {unlessSaid}", HelpName = "N" };

    public static Option<bool> Live(string what) => new("--live") { Description = $"{what} until stopped, by Ctrl-C or SIGTERM; then it exits with 0" };

    /// <summary>Days to be made at once; null: live.</summary>
    public static int? DaysOf(ParseResult parsed, Option<int?> days, Option<bool> live, int unlessSaid) => (parsed.GetValue(days), parsed.GetValue(live)) switch
    {
        ({ }, true) => throw new UsageException("Say either --days N or --live."),
        (var said, false) => said ?? unlessSaid,
        _ => null,
    };

    public static void Tell<T>(ParseResult parsed, T summary, Func<T, string> sentence)
    {
        if (Options.Json(parsed))
            JsonOutput.Write(summary!);
        else
            Terminal.Say(sentence(summary));
    }
}
