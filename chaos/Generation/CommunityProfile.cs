namespace Chaos.Generation;

/// <summary>The part of a user that is written once.</summary>
sealed record CommunityProfile(
    string FirstName, string LastName, int Age, string Gender, string Country, string PostCode, ProfileGap Gap,
    ObjectId SubscriptionId, ObjectId SubscriptionReference, ObjectId PlanTypeId);
