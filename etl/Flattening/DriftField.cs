using Etl.Documents;

namespace Etl.Flattening;

/// <summary>Something in the documents that the contract does not know.</summary>
/// <param name="Path">As in the contract, <c>[]</c> for the elements of an array. Names inside something personal are masked.</param>
/// <param name="IsNewType">The field is described, but not with these types: its documents are refused. Else the field is not described, and left out.</param>
/// <param name="Count">How often it was met, in documents read, accepted or not.</param>
/// <param name="Types">The types it came as, by their byte's order.</param>
/// <param name="FirstKey">The first document that had it: its key as canonical Extended JSON, masked when personal; empty where it has none.</param>
public sealed record DriftField(string Path, bool IsNewType, long Count, IReadOnlyList<BsonType> Types, string FirstKey);
