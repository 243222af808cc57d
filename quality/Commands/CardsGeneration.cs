using System.CommandLine;
using Chaos.Generation;

namespace Quality.Commands;

/// <summary><c>quality generate cards</c>: writes event files into an inbox.</summary>
internal static class CardsGeneration
{
    /// <param name="days">Null: live, until stopped.</param>
    public static async Task RunAsync(ParseResult parsed, int? days, CancellationToken cancellation)
    {
        var options = CardsOptions.FromEnvironment() with { Seed = Options.Seed(parsed) ?? 1 };
        options = (days is { } n ? options with { Days = n } : options).Checked();
        Terminal.Say($"Seed {options.Seed}. Writing to {Path.GetFullPath(options.Inbox)}.");
        var generator = new CardsGenerator(options);
        var summary = days is null
            ? await generator.LiveAsync(new Progress<CardsSummary>(s => Terminal.Say(Sentence(s))), cancellation)
            : await generator.GenerateDaysAsync(cancellation);
        if (Options.Json(parsed))
            JsonOutput.Write(summary);
        else
            Terminal.Say(Sentence(summary));
    }

    static string Sentence(CardsSummary s) =>
        $"{s.FirstDay:yyyy-MM-dd} to {s.LastDay:yyyy-MM-dd}: {s.Users:N0} users, {s.Creations:N0} cards and {s.Changes:N0} changes of cards ({s.WithoutUser:N0} events without user_id), {s.HalfWritten:N0} files half-written.";
}
