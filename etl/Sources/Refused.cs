namespace Etl.Sources;

/// <summary>Bytes that could not become a document: broken JSON, a ragged line, BSON without a readable key. They count as read, and are quarantined.</summary>
/// <param name="Bytes">As they came; valid as long as the batch that holds them.</param>
/// <param name="MediaType">What they were meant to be: <c>application/bson</c>, <c>application/json</c>, <c>text/csv</c> …</param>
/// <param name="Position">A BSON document, as <see cref="DocumentBatch.Position"/>; an empty one where the source cannot tell where they stand.</param>
/// <param name="Reason">What is wrong with them, in one line.</param>
public sealed record Refused(ReadOnlyMemory<byte> Bytes, string MediaType, byte[] Position, string Reason);
