using Etl.Contracts;

namespace Etl.Flattening;

/// <summary>Why the gate refused a document: the first rule broken, and where. Explaining all of them is the validator's work.</summary>
/// <param name="Rule">A name of <see cref="Validation.RuleNames"/>.</param>
/// <param name="Field">The field, or null where the bytes are no document.</param>
/// <param name="Detail">What the bytes' reader said, for a document that is none.</param>
public readonly record struct Refusal(string Rule, Field? Field, string? Detail = null);
