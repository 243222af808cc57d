using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using FluentValidation;
using FluentValidation.Results;

namespace Etl.Validation;

/// <summary>
/// Explains, with FluentValidation, everything that a contract has against a document. Made of the same <see cref="Gate"/>s
/// and encoders that refuse documents, so that both always agree; used only for what the gate refused.
/// </summary>
public sealed class DocumentValidator : AbstractValidator<ReadOnlyMemory<byte>>
{
    readonly Dictionary<string, Gate> gates = [];
    readonly FieldBuffer scratch = new();

    public DocumentValidator(Dataset dataset) => RuleFor(document => document)
        .Custom((document, context) =>
        {
            try
            {
                foreach (var occurrence in Occurrence.Of(dataset.Root.Children, document))
                    foreach (var (rule, demand) in Broken(occurrence))
                        context.AddFailure(Failure(occurrence, rule, demand));
            }
            catch (BsonException e)
            {
                context.AddFailure(new ValidationFailure(e.Path, e.Message) { ErrorCode = RuleNames.Malformed });
            }
        });

    /// <summary>Every broken rule, in the document's order; empty for a document that the gate accepts.</summary>
    public IReadOnlyList<Violation> Explain(ReadOnlyMemory<byte> document) =>
        [.. Validate(document).Errors.Select(e => new Violation(e.ErrorCode, e.PropertyName, e.AttemptedValue as string ?? "", e.ErrorMessage))];

    IEnumerable<(string Rule, string Demand)> Broken(Occurrence occurrence)
    {
        if (occurrence.IsRepeated)
            yield return (RuleNames.DuplicateKey, "stand only once");
        if (!gates.TryGetValue(occurrence.Field.Path, out var gate))
            gates.Add(occurrence.Field.Path, gate = new Gate(occurrence.Field));
        bool rightType = true;
        foreach (var rule in gate.Rules)
            if (!rule.Allows(occurrence.Type, occurrence.Value.Span))
            {
                rightType &= rule.Name is not (RuleNames.Type or RuleNames.Required);
                yield return (rule.Name, rule.Demand);
            }
        // Whether the column can hold the value is a question of its own, once the type is right.
        if (rightType && Fits(occurrence) is var fit and not Fit.Fits)
            yield return RuleNames.Of(fit, occurrence.Field.ColumnType.SqlName());
    }

    Fit Fits(Occurrence occurrence)
    {
        var field = occurrence.Field;
        if (field.Kind != FieldKind.Value || field.Column is null || occurrence.Type is Rule.Missing or BsonType.Null or BsonType.Undefined)
            return Fit.Fits;
        scratch.Truncate();
        return field.IsArray
            ? ValueEncoder.WriteArray(occurrence.Value.Span, field.ColumnType, scratch)
            : ValueEncoder.Write(occurrence.Type, occurrence.Value.Span, field.ColumnType, scratch);
    }

    static ValidationFailure Failure(Occurrence occurrence, string rule, string demand)
    {
        string shown = occurrence.Shown;
        string found = occurrence.Type == Rule.Missing ? "it is missing" : $"it is {shown} ({occurrence.Type.Alias()})";
        return new ValidationFailure(occurrence.Path, $"'{occurrence.Path}' must {demand}; {found}.", shown)
        {
            ErrorCode = rule,
            Severity = Severity.Error,
        };
    }
}
