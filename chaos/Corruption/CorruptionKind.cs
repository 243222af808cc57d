using Etl.Validation;

namespace Chaos.Corruption;

/// <summary>One way to break a document, and what must come of it.</summary>
/// <param name="Name">Stable: options, journals and reports name it.</param>
/// <param name="Title">For people.</param>
/// <param name="Rule">The rule or check that must name the document; null where it must be loaded without a word.</param>
public sealed record CorruptionKind(string Name, string Title, Outcome Outcome, string? Rule)
{
    /// <summary>The check that finds a business key twice: the rule of <c>quality.checks</c>.</summary>
    public const string UniqueCheck = "unique";

    public static readonly CorruptionKind
        MissingField = Refused("missingField", "Required field missing", RuleNames.Required),
        MissingKey = Refused("missingKey", "Key missing that may be null but must exist", RuleNames.MustExist),
        NullField = Refused("nullField", "Null in a required field", RuleNames.Required),
        WrongType = Refused("wrongType", "Value of another type", RuleNames.Type),
        NulInText = Refused("nulInText", "NUL inside a text", RuleNames.Nul),
        InvalidUtf8 = Refused("invalidUtf8", "Text that is not UTF-8", RuleNames.Utf8),
        InvalidValue = Refused("invalidValue", "Value not among the valid ones", RuleNames.ValidValues),
        BelowMinimum = Refused("belowMinimum", "Number or date below the minimum", RuleNames.Minimum),
        AboveMaximum = Refused("aboveMaximum", "Number or date above the maximum", RuleNames.Maximum),
        NumberOutOfRange = Refused("numberOutOfRange", "Number too large for its column", RuleNames.Range),
        Fraction = Refused("fraction", "Fraction in a whole number", RuleNames.Exact),
        TooPrecise = Refused("tooPrecise", "More digits than a double holds", RuleNames.Exact),
        DateOutOfRange = Refused("dateOutOfRange", "Date outside PostgreSQL's range", RuleNames.Range),
        TooShort = Refused("tooShort", "Text shorter than allowed", RuleNames.MinLength),
        TooLong = Refused("tooLong", "Text longer than allowed", RuleNames.MaxLength),
        BrokenPattern = Refused("brokenPattern", "Text that does not match its pattern", RuleNames.Pattern),
        BrokenFormat = Refused("brokenFormat", "Text that has not its format", RuleNames.Format),
        TooFewItems = Refused("tooFewItems", "Array with too few items", RuleNames.MinItems),
        TooManyItems = Refused("tooManyItems", "Array with too many items", RuleNames.MaxItems),
        DuplicateKey = Refused("duplicateKey", "The same key twice in a document", RuleNames.DuplicateKey),
        DuplicateBusinessKey = new("duplicateBusinessKey", "Copy of a document under a new key", Outcome.Reported, UniqueCheck),
        EmptyText = new("emptyText", "Empty text, which is not null", Outcome.Loaded, null),
        NaughtyText = new("naughtyText", "Text that looks like an attack", Outcome.Loaded, null);

    /// <summary>Every kind, in the order of the fault catalogue; a contract decides which of them apply.</summary>
    public static IReadOnlyList<CorruptionKind> All { get; } =
    [
        MissingField, MissingKey, NullField, WrongType, NulInText, InvalidUtf8, InvalidValue, BelowMinimum, AboveMaximum, NumberOutOfRange,
        Fraction, TooPrecise, DateOutOfRange, TooShort, TooLong, BrokenPattern, BrokenFormat, TooFewItems, TooManyItems, DuplicateKey,
        DuplicateBusinessKey, EmptyText, NaughtyText,
    ];

    static CorruptionKind Refused(string name, string title, string rule) => new(name, title, Outcome.Quarantined, rule);

    public override string ToString() => Name;
}
