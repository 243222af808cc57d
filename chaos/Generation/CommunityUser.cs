namespace Chaos.Generation;

/// <summary>A user who may still write messages and be invoiced.</summary>
sealed class CommunityUser
{
    public required ObjectId Id { get; init; }
    public required DateTimeOffset SignUpDate { get; init; }
    public required ObjectId? GroupId { get; init; }
    public required int MessagesPerDay { get; init; }
    public required DateTimeOffset SubscriptionStart { get; init; }

    /// <summary>Null for a user found in the database on a plan that is not ours.</summary>
    public required CommunityPlan? Plan { get; init; }

    /// <summary>Null for a user found in the database.</summary>
    public CommunityProfile? Profile { get; init; }

    public CommunityThread? Thread { get; set; }
    public CommunityInvoice[] Invoices { get; set; } = [];
    public bool IsStored { get; set; }
}
