using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using FluentValidation;
using FluentValidation.Results;

namespace Etl.Validation;

/// <summary>
/// Explains, with FluentValidation, everything that a contract has against a document. Made of the same <see cref="Gate"/>s
/// and encoders that refuse documents, so that both always agree; used only for what the gate refused. One thread at a time.
/// </summary>
public sealed class DocumentValidator : AbstractValidator<ReadOnlyMemory<byte>>
{
    /// <summary>Violations told of one document, and as many warnings: an array of a million elements may break a rule in each.</summary>
    public const int MostTold = 100;

    readonly Dictionary<string, Gate> gates = [];
    readonly FieldBuffer scratch = new();
    readonly Flattener rows;
    readonly RuleSetRunner ruleSets;

    public DocumentValidator(Dataset dataset)
    {
        rows = new Flattener(dataset);
        ruleSets = new RuleSetRunner(dataset);
        RuleFor(document => document).Custom((document, context) =>
        {
            try
            {
                int errors = 0, warnings = 0;
                foreach (var (occurrence, rule, demand, warns) in Occurrence.Of(dataset.Root.Children, document).Select(o => o.Cleaned()).SelectMany(o => Broken(o).Select(b => (o, b.Rule, b.Demand, b.Warns))))
                {
                    if ((warns ? ++warnings : ++errors) <= MostTold)
                        context.AddFailure(Failure(occurrence, rule, demand, warns));
                    if (errors == MostTold)
                        return;
                }
                // What only whole rows show: keys too long for their index.
                if (errors == 0 && rows.Flatten(document.Span) is { Rule: RuleNames.KeyTooLong, Field: var field })
                    context.AddFailure(new ValidationFailure(field?.Path ?? "", $"'{field?.Path}' is part of a key that is longer than PostgreSQL's index takes (2,704 bytes, all columns of the key together).", "")
                    { ErrorCode = RuleNames.KeyTooLong });
                foreach (var v in ruleSets.Explain(document).Take(MostTold))
                    context.AddFailure(new ValidationFailure(v.Path, v.Message, v.Value) { ErrorCode = v.Rule, Severity = v.Severity == Violation.Warning ? Severity.Warning : Severity.Error });
            }
            catch (BsonException e)
            {
                context.AddFailure(new ValidationFailure(e.Path, e.Message) { ErrorCode = RuleNames.Malformed });
            }
        });
    }

    /// <summary>
    /// Every broken rule, or the first <see cref="MostTold"/>: those that refuse the document first, then those that warn, each in the document's order.
    /// No errors for a document that the gate accepts.
    /// </summary>
    public IReadOnlyList<Violation> Explain(ReadOnlyMemory<byte> document) =>
        [.. Validate(document).Errors.OrderBy(e => e.Severity).Select(e =>
            new Violation(e.ErrorCode, e.PropertyName, e.AttemptedValue as string ?? "", e.ErrorMessage, e.Severity == Severity.Warning ? Violation.Warning : Violation.Error))];

    IEnumerable<(string Rule, string Demand, bool Warns)> Broken(Occurrence occurrence)
    {
        if (occurrence.IsRepeated)
            yield return (RuleNames.DuplicateKey, "stand only once", false);
        if (!gates.TryGetValue(occurrence.Field.Path, out var gate))
            gates.Add(occurrence.Field.Path, gate = new Gate(occurrence.Field));
        bool rightType = true;
        foreach (var rule in gate.Rules)
            if (!rule.Allows(occurrence.Type, occurrence.Value.Span))
            {
                rightType &= rule.Warns || rule.Name is not (RuleNames.Type or RuleNames.Required);
                yield return (rule.Name, rule.Demand, rule.Warns);
            }
        // Whether the column can hold the value is a question of its own, once the type is right.
        if (rightType && Fits(occurrence) is var fit and not Fit.Fits)
        {
            var (rule, demand) = RuleNames.Of(fit, occurrence.Field);
            yield return (rule, demand, false);
        }
    }

    Fit Fits(Occurrence occurrence)
    {
        var field = occurrence.Field;
        if (field.Kind != FieldKind.Value || field.Column is null || occurrence.Type is Rule.Missing or BsonType.Null or BsonType.Undefined)
            return Fit.Fits;
        scratch.Truncate();
        return ValueEncoder.Write(occurrence.Type, occurrence.Value.Span, field, scratch);
    }

    static ValidationFailure Failure(Occurrence occurrence, string rule, string demand, bool warns)
    {
        string shown = occurrence.Shown;
        string found = occurrence.Type == Rule.Missing ? "it is missing" : $"it is {shown} ({occurrence.Type.Alias()})";
        return new ValidationFailure(occurrence.Path, $"'{occurrence.Path}' must {demand}; {found}.", shown)
        {
            ErrorCode = rule,
            Severity = warns ? Severity.Warning : Severity.Error,
        };
    }
}
