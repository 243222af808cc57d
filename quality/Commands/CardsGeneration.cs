using System.CommandLine;
using Chaos.Generation;
using Etl;

namespace Quality.Commands;

/// <summary><c>quality generate cards</c>: writes event files into an inbox.</summary>
internal static class CardsGeneration
{
    public static Command Create()
    {
        int unlessSaid = new CardsOptions { Inbox = CardsOptions.DefaultInbox }.Days;
        var (days, live) = (GenerateCommand.Days("after the newest day already there", unlessSaid), GenerateCommand.Live("Go on in sped-up time"));
        var command = new Command("cards", $"""
            Event files of users and cards, in an inbox. Environment, with defaults: {CardsOptions.InboxVariable} ({CardsOptions.DefaultInbox}), {CommunityOptions.SignUpsVariable} (10), {CommunityOptions.DayLengthVariable} (20), {CommunityOptions.StartVariable} (2020-06-01)
            """.Trim())
        {
            days, live,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            int? count = GenerateCommand.DaysOf(parsed, days, live, unlessSaid);
            var options = CardsOptions.FromEnvironment() with { Seed = Options.Seed(parsed) ?? 1 };
            options = (options with { Days = count ?? unlessSaid }).Checked();
            Terminal.Say($"Seed {options.Seed}. Writing to {Path.GetFullPath(options.Inbox)}.");
            var generator = new CardsGenerator(options);
            GenerateCommand.Tell(parsed, count is null
                ? await generator.LiveAsync(new Progress<CardsSummary>(s => Terminal.Say(Sentence(s))), cancellation)
                : await generator.GenerateDaysAsync(cancellation), Sentence);
            return ExitCodes.Done;
        });
        return command;
    }

    internal static string Sentence(CardsSummary s) =>
        $"{s.FirstDay:yyyy-MM-dd} to {s.LastDay:yyyy-MM-dd}: {s.Users:N0} users, {s.Creations:N0} cards and {s.Changes:N0} changes of cards ({s.WithoutUser:N0} events without user_id), {s.HalfWritten:N0} files half-written.";
}
