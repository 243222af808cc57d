using System.CommandLine;
using Chaos.Generation;
using Etl;
using Etl.Loading;
using Quality.Sandbox;

namespace Quality.Commands;

/// <summary><c>quality demo</c>: the whole harness on embedded servers.</summary>
internal static class DemoCommand
{
    /// <summary>
    /// The demo's servers have a folder of their own: it begins with empty ones every time, and nobody's data is at stake.
    /// A command that is run in <see cref="Home"/> meets them as its embedded servers.
    /// </summary>
    const string Home = Servers.Folder + "/demo", Folder = Home + "/" + Servers.Folder;

    /// <summary>Enough users that the corrupted ones stay below the contract's limit.</summary>
    const int SmallestCommunity = 2_000;

    public static Command Create()
    {
        var target = new Option<string>("--out") { Description = "Folder of report.html and report.json", HelpName = "DIR", DefaultValueFactory = _ => ReportCommand.DefaultTarget };
        var days = new Option<int>("--days") { Description = "Simulated days", HelpName = "N", DefaultValueFactory = _ => 30 };
        var usersPerDay = new Option<int>("--users-per-day") { Description = "Sign-ups a day", HelpName = "N", DefaultValueFactory = _ => 100 };
        var command = new Command("demo", "Generate, corrupt, sync twice, reconcile, damage the warehouse, find exactly that, repair, report: on embedded servers of its own (--mongo and --warehouse are refused). Exit code 0: exactly what was broken was found, and mended")
        {
            target, days, usersPerDay,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (Options.NamesServer(parsed))
                throw new UsageException("The demo damages its warehouse, so it runs on embedded servers of its own and on no other: leave --mongo and --warehouse out.");
            int users = parsed.GetValue(days) * parsed.GetValue(usersPerDay);
            var options = (new CommunityOptions { Days = parsed.GetValue(days), SignUpsPerDay = parsed.GetValue(usersPerDay), Seed = Options.Seed(parsed) ?? 1 }).Checked();
            if (users < SmallestCommunity)
                throw new UsageException($"The demo needs {SmallestCommunity:N0} users or more, so that what it corrupts stays below the contract's limit; --days {parsed.GetValue(days)} × --users-per-day {parsed.GetValue(usersPerDay)} makes {users:N0}.");
            var contract = PipelineFolders.Open("community");
            using var alone = BeAlone();
            Terminal.Say($"Seed {options.Seed}. Everything below is repeated by: quality demo --seed {options.Seed} --days {options.Days} --users-per-day {options.SignUpsPerDay}");
            await using var servers = await Servers.OpenAsync(Servers.Embedded, Servers.Embedded, cancellation, Folder);
            var outcome = await new Demonstration(contract, servers.MongoUri, servers.Warehouse, TimeProvider.System, Terminal.Say).RunAsync(options, cancellation);
            await ContractShelf.KeepAsync(servers.Warehouse, contract, TimeProvider.System, cancellation);
            var (report, page) = await ReportCommand.WriteAsync(servers, parsed.GetValue(target)!, cancellation);
            if (Options.Json(parsed))
                JsonOutput.Write(new { seed = options.Seed, verdict = outcome.Final.Verdict.Word(), asExpected = outcome.Deviations.Count == 0, deviations = outcome.Deviations, page });
            foreach (string deviation in outcome.Deviations)
                Terminal.Say($"Not as expected: {deviation}");
            Terminal.Verdict(outcome.Final.Verdict, outcome.Deviations.Count == 0
                ? "Exactly what was broken was found, and mended. " + outcome.Final.Reason
                : $"{outcome.Deviations.Count} things were not as expected (seed {options.Seed}). " + outcome.Final.Reason, toMessages: Options.Json(parsed));
            Terminal.Say($"Report: {Path.GetFullPath(page)}");
            Terminal.Say($"To look around in the demo's data: cd {Home}, then for instance: {Environment.ProcessPath} quarantine list {contract.Pipeline}");
            return outcome.Deviations.Count > 0 ? ExitCodes.Mismatched : ExitCodes.Of(outcome.Final.Verdict);
        });
        return command;
    }

    /// <summary>The servers could be shared; what the demo does to them could not.</summary>
    static IDisposable BeAlone()
    {
        try
        {
            Directory.CreateDirectory(Home);
            return SharedLock.TryTake(Path.Combine(Home, "demo.lock"))
                ?? throw new UnavailableException($"Another demo is running in '{Path.GetFullPath(Home)}'. Wait until it ends, or run this one in another folder.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The demo's folder '{Path.GetFullPath(Home)}' cannot be used: {e.Message}", e);
        }
    }
}
