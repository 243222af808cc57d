namespace Chaos.Generation;

/// <summary>Who uses the product.</summary>
/// <param name="CorporateStatus">As somebody typed it: in any case.</param>
sealed record ProductUser(int Id, int AmpId, string[] Devices, string? Country, string? City, string? Region, string Language, int? CorporateId, string? CorporateStatus, string Role, string SignUp, string Status);
