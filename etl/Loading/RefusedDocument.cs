using Etl.Validation;

namespace Etl.Loading;

/// <summary>A document on its way into quarantine.</summary>
/// <param name="Number">Its place in the batch.</param>
/// <param name="Key">Its key as canonical Extended JSON; its position where it has none.</param>
/// <param name="MediaType">What its bytes are, or were meant to be.</param>
/// <param name="Position">Where it stands in its source.</param>
public sealed record RefusedDocument(int Number, string Key, byte[] Position, ReadOnlyMemory<byte> Document, IReadOnlyList<Violation> Violations, string MediaType = "application/bson");
