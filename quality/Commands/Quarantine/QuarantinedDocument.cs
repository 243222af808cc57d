using Etl.Validation;

namespace Quality.Commands.Quarantine;

/// <summary>A refused document, whole, with everything that is known of it.</summary>
/// <param name="Position">Where it stood in its source, a BSON document.</param>
/// <param name="Content">The original bytes.</param>
internal sealed record QuarantinedDocument(QuarantineEntry Entry, string Partition, byte[] Position, string MediaType, byte[] Content, IReadOnlyList<Violation> Violations)
{
    public const string BsonMediaType = "application/bson";

    public bool IsBson => MediaType == BsonMediaType;
}
