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
        var command = new Command("demo", "All four pipelines: generate, corrupt, sync twice, reconcile, damage the warehouse, find exactly that, repair, report: on embedded servers of its own (--mongo and --warehouse are refused). Exit code 0: exactly what was broken was found, and mended")
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
            var contracts = PipelineFolders.Shipped().ToDictionary(p => p, PipelineFolders.Open);
            var contract = contracts["community"];
            using var alone = BeAlone();
            Terminal.Say($"Seed {options.Seed}. Everything below is repeated by: quality demo --seed {options.Seed} --days {options.Days} --users-per-day {options.SignUpsPerDay}");
            int step = 0;
            void Say(string what) => Terminal.Say($"{++step}. {what}");
            await using var servers = await Servers.OpenAsync(Servers.Embedded, Servers.Embedded, cancellation, Folder);
            await DemoPipelines.EmptyAsync(servers.Warehouse, contracts.Values, cancellation);
            var outcome = await new Demonstration(contract, servers.MongoUri, servers.Warehouse, TimeProvider.System, Say).RunAsync(options, cancellation);
            await ContractShelf.KeepAsync(servers.Warehouse, contract, TimeProvider.System, cancellation);
            var events = new DemoPipelines(Folder, servers.Warehouse, options.Seed, Say);
            DemonstrationOutcome[] others =
            [
                await events.ProductEventsAsync(contracts["product-events"], cancellation), await events.CardsAsync(contracts["cards"], cancellation), await events.CrmAsync(contracts["crm"], cancellation),
            ];
            IReadOnlyList<string> deviations = [.. outcome.Deviations, .. others.SelectMany(o => o.Deviations)];
            var verdict = others.Select(o => o.Final.Verdict).Append(outcome.Final.Verdict).Max();
            var (report, page) = await ReportCommand.WriteAsync(servers, parsed.GetValue(target)!, cancellation);
            if (Options.Json(parsed))
                JsonOutput.Write(new { seed = options.Seed, verdict = verdict.Word(), asExpected = deviations.Count == 0, deviations, page });
            foreach (string deviation in deviations)
                Terminal.Say($"Not as expected: {deviation}");
            Terminal.Verdict(verdict, deviations.Count == 0
                ? $"Exactly what was broken was found, and mended; {contracts.Count} pipelines are equal to their sources, value by value."
                : $"{deviations.Count} things were not as expected (seed {options.Seed}).", toMessages: Options.Json(parsed));
            Terminal.Say($"Report: {Path.GetFullPath(page)}");
            Terminal.Say($"To look around in the demo's data: cd {Home}, then for instance: {Environment.ProcessPath} quarantine list {contract.Pipeline}");
            return deviations.Count > 0 ? ExitCodes.Mismatched : ExitCodes.Of(verdict);
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
