namespace Chaos.Corruption;

/// <summary>A document broken in exactly one place, and what must come of it.</summary>
/// <param name="Dataset">Name of the dataset.</param>
/// <param name="Field">Where, with the indexes of array elements: <c>subscriptions.invoices[3].amount</c>.</param>
/// <param name="Document">The whole document.</param>
/// <param name="Key">The document's <c>_id</c> as the quarantine writes it (<c>document_key</c>).</param>
/// <param name="IsNew">To be inserted beside the original; otherwise it replaces the document with the same <c>_id</c>.</param>
public sealed record CorruptedDocument(CorruptionKind Kind, string Dataset, string Field, byte[] Document, string Key, bool IsNew = false)
{
    /// <summary>The rule or check that must name it; null: it is loaded as it is.</summary>
    public string? ExpectedRule => Kind.Rule;
}
