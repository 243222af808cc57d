namespace Etl.Validation;

/// <summary>One demand that one value broke.</summary>
/// <param name="Rule">A name of <see cref="RuleNames"/>.</param>
/// <param name="Path">Where, with the indexes of array elements: <c>subscriptions.invoices[3].amount</c>.</param>
/// <param name="Value">The attempted value as relaxed Extended JSON, cut to a readable length; <c>***</c> when personal; empty when missing.</param>
/// <param name="Message">A sentence for people; the value appears in it as it does in <paramref name="Value"/>.</param>
public sealed record Violation(string Rule, string Path, string Value, string Message);
