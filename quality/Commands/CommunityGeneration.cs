using System.CommandLine;
using Chaos.Generation;
using Etl;
using Etl.Sources.Mongo;

namespace Quality.Commands;

/// <summary><c>quality generate community</c>: users, groups and threads, in MongoDB.</summary>
internal static class CommunityGeneration
{
    const string Pipeline = "community";

    public static Command Create()
    {
        int unlessSaid = new CommunityOptions().Days;
        var (days, live) = (GenerateCommand.Days("after the newest day already there", unlessSaid), GenerateCommand.Live("Go on in sped-up time"));
        var command = new Command(Pipeline, $"""
            Users, groups, messages, in MongoDB. Environment, with defaults: {CommunityOptions.SignUpsVariable} (10), {CommunityOptions.DayLengthVariable} (20), {CommunityOptions.CronVariable} (20), {CommunityOptions.StartVariable} (2020-06-01)
            """.Trim())
        {
            days, live,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            int? count = GenerateCommand.DaysOf(parsed, days, live, unlessSaid);
            var contract = PipelineFolders.Open(Pipeline);
            var options = CommunityOptions.FromEnvironment() with { Seed = Options.Seed(parsed) ?? 1 };
            options = (options with { Days = count ?? unlessSaid }).Checked();
            await using var servers = await Servers.OpenAsync(Options.Mongo(parsed), null, cancellation);
            using var connection = MongoConnection.Open(servers.MongoUri);
            var generator = CommunityGenerator.ForMongo(connection, options, connection.Database ?? contract.Database!);
            Terminal.Say($"Seed {options.Seed}. Writing to {connection.Address}.");
            try
            {
                GenerateCommand.Tell(parsed, count is null
                    ? await generator.LiveAsync(new Progress<GenerationSummary>(s => Terminal.Say(Sentence(s))), cancellation)
                    : await generator.GenerateDaysAsync(cancellation), Sentence);
            }
            catch (MongoException e)
            {
                throw new UnavailableException($"MongoDB at {connection.Address}: {e.Message}", e);
            }
            return ExitCodes.Done;
        });
        return command;
    }

    internal static string Sentence(GenerationSummary s) =>
        $"{s.FirstDay:yyyy-MM-dd} to {s.LastDay:yyyy-MM-dd}: {s.Users:N0} users, {s.Groups:N0} groups, {s.Threads:N0} threads, {s.Messages:N0} messages, {s.Invoices:N0} invoices.";
}
