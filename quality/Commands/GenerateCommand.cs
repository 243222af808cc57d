using System.CommandLine;
using Chaos.Generation;
using Etl;
using Etl.Contracts;
using Etl.Sources.Mongo;

namespace Quality.Commands;

/// <summary><c>quality generate PIPELINE</c>: writes made-up data into the source.</summary>
internal static class GenerateCommand
{
    const string Community = "community";
    static readonly string[] Pipelines = [Community, CrmGeneration.Pipeline];

    public static Command Create()
    {
        var pipeline = new Argument<string>("PIPELINE") { Description = string.Join(", ", Pipelines) };
        var days = new Option<int?>("--days") { Description = "Make so many days at once, after the newest day already there (crm: from 2020-12-05 on, 7 unless said)", HelpName = "N" };
        var live = new Option<bool>("--live") { Description = "Go on in sped-up time until stopped" };
        var command = new Command("generate", $"""
            Write made-up data into the source. Environment: {CommunityOptions.SignUpsVariable} (10), {CommunityOptions.DayLengthVariable} (20), {CommunityOptions.CronVariable} (20), {CommunityOptions.StartVariable} (2020-06-01); crm: {CrmOptions.QueueVariable} (embedded), {CrmOptions.OrganizationsVariable} ({CrmGeneration.DefaultOrganizations})
            """.Trim())
        {
            pipeline, days, live,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string name = parsed.GetRequiredValue(pipeline);
            if (!Pipelines.Contains(name))
                throw new UsageException($"There is no generator for '{name}'.{Names.DidYouMean(name, Pipelines)}");
            bool saysNeither = !parsed.GetValue(live) && !parsed.GetValue(days).HasValue;
            if (parsed.GetValue(live) && parsed.GetValue(days).HasValue || saysNeither && name != CrmGeneration.Pipeline)
                throw new UsageException("Say either --days N or --live.");
            if (name == CrmGeneration.Pipeline)
            {
                var sent = await CrmGeneration.RunAsync(saysNeither ? new CrmOptions().Days : parsed.GetValue(days), Options.Seed(parsed), cancellation);
                if (Options.Json(parsed))
                    JsonOutput.Write(sent);
                else
                    Terminal.Say(CrmGeneration.Sentence(sent));
                return ExitCodes.Done;
            }
            var contract = PipelineFolders.Open(name);
            var options = CommunityOptions.FromEnvironment() with { Seed = Options.Seed(parsed) ?? 1 };
            options = (parsed.GetValue(days) is { } n ? options with { Days = n } : options).Checked();
            await using var servers = await Servers.OpenAsync(Options.Mongo(parsed), null, cancellation);
            using var connection = MongoConnection.Open(servers.MongoUri);
            var generator = CommunityGenerator.ForMongo(connection, options, connection.Database ?? contract.Database!);
            Terminal.Say($"Seed {options.Seed}. Writing to {connection.Address}.");
            try
            {
                var summary = parsed.GetValue(live)
                    ? await generator.LiveAsync(new Progress<GenerationSummary>(s => Terminal.Say(Sentence(s))), cancellation)
                    : await generator.GenerateDaysAsync(cancellation);
                if (Options.Json(parsed))
                    JsonOutput.Write(summary);
                else
                    Terminal.Say(Sentence(summary));
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
