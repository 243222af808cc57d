using System.Globalization;
using Etl;

namespace Chaos.Generation;

/// <summary>Where the events of users and their cards are written, how many, and how fast time runs.</summary>
public sealed record CardsOptions
{
    public const string InboxVariable = "QUALITY_CARDS_INBOX";

    /// <summary>Where generator, sync and reconciliation meet when nobody names an inbox.</summary>
    public static readonly string DefaultInbox = Path.Combine(".quality", "cards");

    /// <value>The folder that has the folders <c>users</c> and <c>cards</c>; made where it is not there.</value>
    public required string Inbox { get; init; }

    /// <value>Default: 10 users a day. Range: 1–100,000.</value>
    public int UsersPerDay { get; init; } = 10;

    /// <value>Real seconds that one simulated day takes in live mode. Default: 20. Range: 0.1–86,400.</value>
    public double RealTimeSecondsInADay { get; init; } = 20;

    /// <value>The first simulated day. Default: 2020-06-01.</value>
    public DateOnly StartDate { get; init; } = new(2020, 6, 1);

    /// <value>Same seed, same files. Default: 1.</value>
    public int Seed { get; init; } = 1;

    /// <value>Days made at once. Default: 30. Range: 1–10,000.</value>
    public int Days { get; init; } = 30;

    /// <summary>The inbox by its own variable; what it shares with the community by the community's.</summary>
    /// <param name="variable">Reads a variable; the process's environment by default.</param>
    /// <exception cref="UsageException">Values that cannot be used, all of them, one line each.</exception>
    public static CardsOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        var shared = CommunityOptions.FromEnvironment(variable);
        return new CardsOptions
        {
            Inbox = variable(InboxVariable) is { Length: > 0 } inbox ? inbox : DefaultInbox,
            UsersPerDay = shared.SignUpsPerDay,
            RealTimeSecondsInADay = shared.RealTimeSecondsInADay,
            StartDate = shared.CompanyStartDate,
        };
    }

    /// <summary>Checks what was set in code or on the command line.</summary>
    /// <exception cref="UsageException">Values out of range, all of them, one line each.</exception>
    public CardsOptions Checked()
    {
        new CommunityOptions { SignUpsPerDay = UsersPerDay, RealTimeSecondsInADay = RealTimeSecondsInADay, CompanyStartDate = StartDate, Days = Days }.Checked();
        return this;
    }
}
