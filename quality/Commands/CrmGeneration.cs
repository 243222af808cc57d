using System.CommandLine;
using Chaos.Generation;
using Etl;
using Quality.Sandbox;

namespace Quality.Commands;

/// <summary><c>quality generate crm</c>: publishes user events to a queue, and writes organizations.csv.</summary>
internal static class CrmGeneration
{
    public const string Pipeline = "crm";

    /// <summary>Where organizations.csv lies when nobody says.</summary>
    public static readonly string DefaultOrganizations = Path.Combine(Servers.Folder, "crm", "organizations.csv");

    public static Command Create()
    {
        int unlessSaid = new CrmOptions().Days;
        var (days, live) = (GenerateCommand.Days($"from {new CrmOptions().FirstDay:yyyy-MM-dd} on", unlessSaid), GenerateCommand.Live("Go on in sped-up time"));
        var command = new Command(Pipeline, $"""
            User events, to a queue of RabbitMQ, and organizations.csv. Environment, with defaults: {CrmOptions.QueueVariable} ({Servers.Embedded}), {CrmOptions.OrganizationsVariable} ({DefaultOrganizations}), {CommunityOptions.DayLengthVariable} (20)
            """.Trim())
        {
            days, live,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new CrmOptions { Seed = Options.Seed(parsed) ?? 1, RealTimeSecondsInADay = CommunityOptions.FromEnvironment().RealTimeSecondsInADay };
            GenerateCommand.Tell(parsed, await RunAsync(options, GenerateCommand.DaysOf(parsed, days, live, unlessSaid), cancellation), Sentence);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <param name="days">Null: live.</param>
    static async Task<CrmSummary> RunAsync(CrmOptions options, int? days, CancellationToken cancellation)
    {
        options = (options with { Days = days ?? options.Days }).Checked();
        string organizations = Environment.GetEnvironmentVariable(CrmOptions.OrganizationsVariable) is { Length: > 0 } path ? path : DefaultOrganizations;
        string queue = Environment.GetEnvironmentVariable(CrmOptions.QueueVariable) is { Length: > 0 } address ? address : Servers.Embedded;
        await using var broker = queue == Servers.Embedded ? await EmbeddedRabbitMq.StartAsync(Servers.Folder, TimeProvider.System, cancellation) : null;
        await using var publisher = await QueuePublisher.OpenAsync(broker?.Uri ?? queue, CrmGenerator.DefaultQueue, cancellation);
        Terminal.Say($"Seed {options.Seed}. Publishing to {publisher.Place}, writing {organizations}.");
        var generator = new CrmGenerator(publisher, options);
        try
        {
            return days is null
                ? await generator.LiveAsync(organizations, new Progress<CrmSummary>(s => Terminal.Say(Sentence(s))), cancellation)
                : await generator.GenerateDaysAsync(organizations, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"'{organizations}' cannot be written: {e.Message} Name another file in {CrmOptions.OrganizationsVariable}.", e);
        }
    }

    public static string Sentence(CrmSummary s) =>
        $"{s.FirstDay:yyyy-MM-dd} to {s.LastDay:yyyy-MM-dd}: {s.Published:N0} messages: {s.Events:N0} events ({s.Created:N0} created, {s.Updated:N0} updated, {s.Deleted:N0} deleted, {s.Recreated:N0} created again; {s.Late:N0} of them late), {s.Repeated:N0} repeated, {s.Faulty:N0} faulty, {s.Poison:N0} poison; {s.Organizations:N0} organizations.";
}
