namespace Chaos.Generation;

sealed record CommunityGroup(ObjectId Id, DateOnly StartDate, string? HealthCoach);
