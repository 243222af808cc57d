using Etl;
using Etl.Contracts;
using Etl.Sources;

namespace Quality.Commands;

/// <summary>The days that a chain asks a source for when nobody names them: an API that is asked day by day must be told which.</summary>
internal static class ChainDays
{
    const int Default = 7, Most = 3_660;

    public static System.CommandLine.Option<int?> Option() => new("--days")
    {
        Description = $"Of an API that is asked day by day: so many days before today, UTC. Default: {Default}",
        HelpName = "N",
    };

    /// <exception cref="UsageException">Not a number of days.</exception>
    public static int Checked(int? days) => days switch
    {
        null => Default,
        >= 1 and <= Most => days.Value,
        _ => throw new UsageException($"--days must be from 1 to {Most}, not {days}."),
    };

    /// <returns>Null: all that there is.</returns>
    public static DayRange? Of(Contract contract, int days, TimeProvider time)
    {
        if (!contract.Servers.Where(s => s.Kind == ServerKinds.Http).Select(s => new ServerSettings(contract, s)).Any(IsAskedByDay))
            return null;
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return new DayRange(today.AddDays(-days), today.AddDays(-1));
    }

    /// <summary>A folder of day files knows its days itself.</summary>
    static bool IsAskedByDay(ServerSettings settings) => settings.Text("byDay") != "false" && !settings.Required("url").StartsWith("file:", StringComparison.OrdinalIgnoreCase);
}
