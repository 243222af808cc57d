namespace Etl.Validation;

/// <summary>One demand that one value broke.</summary>
/// <param name="Rule">A name of <see cref="RuleNames"/>, or the error code of a rule set's rule.</param>
/// <param name="Path">Where, with the indexes of array elements: <c>subscriptions.invoices[3].amount</c>.</param>
/// <param name="Value">The attempted value as relaxed Extended JSON, cut to a readable length; <c>***</c> when personal; empty when missing.</param>
/// <param name="Message">A sentence for people; the value appears in it as it does in <paramref name="Value"/>.</param>
/// <param name="Severity"><see cref="Error"/>: the document is refused. <see cref="Warning"/>: it is loaded, and the violation counted.</param>
public sealed record Violation(string Rule, string Path, string Value, string Message, string Severity = Violation.Error)
{
    public const string Error = "error", Warning = "warning";
}
