using Etl.Contracts;
using Etl.Flattening;

namespace Etl.Validation;

/// <summary>The names of all rules: the vocabulary of quarantine, report and detection matrix.</summary>
public static class RuleNames
{
    public const string
        Required = "required", MustExist = "mustExist", Type = "type", Nul = "nul", Utf8 = "utf8", Range = "range", Exact = "exact",
        Minimum = "minimum", Maximum = "maximum", MinLength = "minLength", MaxLength = "maxLength", Pattern = "pattern", Format = "format",
        ValidValues = "validValues", MinItems = "minItems", MaxItems = "maxItems", DuplicateKey = "duplicateKey", Malformed = "malformed",
        KeyConflict = "keyConflict", KeyTooLong = "keyTooLong", RowTooLong = "rowTooLong", MultipleOf = "multipleOf", UniqueItems = "uniqueItems",
        MinProperties = "minProperties", MaxProperties = "maxProperties", Time = "time", RuleSet = "ruleSet";

    /// <summary>The rule that a value breaks when its field's column cannot hold it unaltered, and the rest of the sentence "must …".</summary>
    public static (string Rule, string Demand) Of(Fit fit, Field field) => Of(fit, fit == Fit.NoTime && field.Time is { } form ? form.Demand : field.ColumnType.SqlName());

    /// <summary>The rule that a value breaks when its column cannot hold it unaltered, and the rest of the sentence "must …".</summary>
    public static (string Rule, string Demand) Of(Fit fit, string column) => fit switch
    {
        Fit.WrongType => (Type, $"be of a type that {column} holds"),
        Fit.ContainsNul => (Nul, "not contain NUL, which PostgreSQL's text cannot hold"),
        Fit.NotUtf8 => (Utf8, "be UTF-8"),
        Fit.OutOfRange => (Range, $"lie in the range of {column}"),
        Fit.Inexact => (Exact, $"fit {column} without rounding"),
        Fit.NoTime => (Time, $"be {column}"),
        Fit.DuplicateKey => (DuplicateKey, "not contain the same key twice"),
        _ => throw new ArgumentOutOfRangeException(nameof(fit), fit, "A value that fits breaks no rule."),
    };
}
