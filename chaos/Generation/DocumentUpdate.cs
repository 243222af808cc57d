namespace Chaos.Generation;

/// <summary>A change to one document.</summary>
/// <param name="Id">The ObjectId's twelve bytes.</param>
/// <param name="Change">Update operators as BSON: <c>$set</c>, <c>$push</c> …</param>
public sealed record DocumentUpdate(byte[] Id, byte[] Change);
