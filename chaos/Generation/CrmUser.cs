namespace Chaos.Generation;

/// <summary>What the made-up CRM knows of a user; each event tells all of it.</summary>
sealed record CrmUser(int Id, string Username, string Email, string Type, string Organization, string Plan, bool IsDeleted);
