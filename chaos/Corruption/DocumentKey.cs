namespace Chaos.Corruption;

/// <summary>Which document, as quarantine knows it.</summary>
/// <param name="Key"><c>quality.quarantine.document_key</c>: the <c>_id</c> in canonical Extended JSON.</param>
public readonly record struct DocumentKey(string Dataset, string Key);
