namespace Chaos.Generation;

/// <summary>One of the four plans; the same values in every document that mentions it.</summary>
sealed record CommunityPlan(string Id, string Description, decimal Cost, int LengthInMonths, string PaymentType)
{
    public const string Currency = "GBP", LengthUnits = "months";

    /// <summary>Costs with and without pence, so that one field holds int32 and double.</summary>
    public static readonly IReadOnlyList<CommunityPlan> All =
    [
        new("1234", "CoreTechMonthly", 59.99m, 12, "repeat"),
        new("1235", "CoreTechUpfront", 600m, 12, "upfront"),
        new("1236", "CoreNoTechMonthly", 35m, 12, "repeat"),
        new("1237", "CoreNoTechUpfront", 379.5m, 12, "upfront"),
    ];

    public bool IsMonthly => PaymentType == "repeat";
}
