using System.Text.RegularExpressions;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using FluentValidation;
using FluentValidation.Results;

namespace Etl.Validation;

/// <summary>Runs a dataset's rule sets for one document, and makes violations of their failures: personal values never leave. One thread at a time.</summary>
internal sealed partial class RuleSetRunner(Dataset dataset)
{
    const string Masked = "***";
    const int ShownCharacters = 120, ShortestSecret = 3;

    readonly DocumentView view = new();
    readonly Dictionary<string, Field> fields = Described(dataset.Root.Children).DistinctBy(f => f.Path).ToDictionary(f => f.Path);

    /// <summary>The first failure that refuses the document, or null; the others are noted as warnings.</summary>
    public Refusal? Refuses(ReadOnlySpan<byte> document, WarningCounter warnings)
    {
        view.Load(document);
        foreach (var failure in Failures())
        {
            if (failure.Severity == Severity.Error)
                return new Refusal(RuleOf(failure), null, $"Rule {RuleOf(failure)} of a rule set refuses the document.");
            if (failure.Severity == Severity.Warning)
                warnings.Note(RuleOf(failure), PathOf(failure));
        }
        return null;
    }

    /// <summary>Everything that the rule sets have against a document.</summary>
    public IReadOnlyList<Violation> Explain(ReadOnlyMemory<byte> document)
    {
        view.Load(document.Span);
        return [.. Failures().Where(f => f.Severity != Severity.Info).Select(f => Violation(f, document))];
    }

    IEnumerable<ValidationFailure> Failures() => dataset.RuleSets.SelectMany(rules =>
    {
        try
        {
            return rules.Validate(view).Errors;
        }
        catch (Exception e) when (e is not (BsonException or OutOfMemoryException or OperationCanceledException))
        {
            // One document that a rule did not expect must not stop the others; it is quarantined, and says why.
            return [new ValidationFailure("", $"Rule set {rules.GetType().Name} failed with {e.GetType().Name} and judged nothing.") { ErrorCode = RuleNames.RuleSet }];
        }
    });

    Violation Violation(ValidationFailure failure, ReadOnlyMemory<byte> document)
    {
        string path = failure.PropertyName ?? "", rule = RuleOf(failure);
        string severity = failure.Severity == Severity.Warning ? Validation.Violation.Warning : Validation.Violation.Error;
        bool shown = fields.TryGetValue(PathOf(failure), out var field) && !field.HoldsPersonal;
        if (path.Length > 0 && !shown)
            return new Violation(rule, path, Masked, $"'{path}' breaks rule {rule}; it is {Masked}.", severity);
        string value = path.Length == 0 ? "" : Scrubbed(Convert.ToString(failure.AttemptedValue, System.Globalization.CultureInfo.InvariantCulture) ?? "", document);
        return new Violation(rule, path, ShownText.Clip(value, ShownCharacters), Scrubbed(failure.ErrorMessage, document), severity);
    }

    /// <summary>A message may quote other fields than its own: the document's personal texts and numbers are taken out of it.</summary>
    string Scrubbed(string message, ReadOnlyMemory<byte> document)
    {
        foreach (var occurrence in Occurrence.Of(dataset.Root.Children, document))
            if (occurrence.Field.IsPersonal && occurrence.Secret is { Length: >= ShortestSecret } secret)
                message = message.Replace(secret, Masked, StringComparison.OrdinalIgnoreCase);
        return message;
    }

    static string RuleOf(ValidationFailure failure) => string.IsNullOrEmpty(failure.ErrorCode) ? RuleNames.RuleSet : failure.ErrorCode;

    /// <summary>As the contract writes it: <c>invoices[].amount</c>, whichever element it was.</summary>
    static string PathOf(ValidationFailure failure) => Place().Replace(failure.PropertyName ?? "", "[]");

    [GeneratedRegex(@"\[\d+\]|\.\d+(?=\.|$)")]
    private static partial Regex Place();

    static IEnumerable<Field> Described(IEnumerable<Field> around) => around.SelectMany(f => Described(f.Children).Prepend(f));
}
