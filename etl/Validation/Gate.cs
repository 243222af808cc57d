using System.Globalization;
using Etl.Contracts;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>All rules of one field, compiled from the contract.</summary>
public sealed class Gate
{
    readonly Rule[] refusing, warning;

    public Gate(Field field)
    {
        Field = field;
        Rules = [.. Compile(field)];
        foreach (var rule in Rules)
            rule.Warns = field.Warns && rule.Name != RuleNames.Type && !(rule is RequiredRule && IsRow(field)); // what no column or row can hold cannot be let pass
        refusing = [.. Rules.Where(r => !r.Warns)];
        warning = [.. Rules.Where(r => r.Warns)];
    }

    public Field Field { get; }
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>Rules whose breaking is counted, and the document loaded.</summary>
    public ReadOnlySpan<Rule> Warnings => warning;

    /// <summary>The first rule that refuses the value, or null.</summary>
    public Rule? Refuses(BsonType type, ReadOnlySpan<byte> value)
    {
        foreach (var rule in refusing)
            if (!rule.Allows(type, value))
                return rule;
        return null;
    }

    /// <summary>Whether the field describes the elements of an array of documents: each of them is a row.</summary>
    static bool IsRow(Field field) => field.Kind == FieldKind.Object && field.Path.EndsWith("[]", StringComparison.Ordinal);

    static IEnumerable<Rule> Compile(Field field)
    {
        var c = field.Constraints;
        if (c.Required)
            yield return new RequiredRule();
        if (c.MustExist)
            yield return new MustExistRule();
        yield return new TypeRule(field.Kind switch
        {
            FieldKind.Object => [BsonType.Document],
            FieldKind.Rows => [BsonType.Array],
            _ when field.IsArray => [BsonType.Array],
            _ => field.Accepted,
        });
        if (field.IsArray)
            yield return new ItemTypeRule(field.Accepted);
        if (field is { IsArray: true, Items: { } items })
            foreach (var rule in Compile(items).Where(r => r.Name != RuleNames.Type))
                yield return new ItemRule(rule);
        if (c.Minimum is { } minimum)
            yield return new BoundRule(RuleNames.Minimum, $"be at least {Show(minimum)}", minimum, order => order >= 0);
        if (c.ExclusiveMinimum is { } above)
            yield return new BoundRule(RuleNames.Minimum, $"be more than {Show(above)}", above, order => order > 0);
        if (c.Maximum is { } maximum)
            yield return new BoundRule(RuleNames.Maximum, $"be at most {Show(maximum)}", maximum, order => order <= 0);
        if (c.ExclusiveMaximum is { } below)
            yield return new BoundRule(RuleNames.Maximum, $"be less than {Show(below)}", below, order => order < 0);
        if (c.MultipleOf is { } factor)
            yield return new MultipleOfRule(factor);
        if (c.Earliest is { } earliest)
            yield return new DateBoundRule(RuleNames.Minimum, $"not be before {earliest:O}", earliest.ToUnixTimeMilliseconds(), long.MaxValue, field.Time);
        if (c.Latest is { } latest)
            yield return new DateBoundRule(RuleNames.Maximum, $"not be after {latest:O}", long.MinValue, latest.ToUnixTimeMilliseconds(), field.Time);
        if (c.MinLength is { } shortest)
            yield return new LengthRule(RuleNames.MinLength, $"have at least {shortest} characters", shortest, int.MaxValue);
        if (c.MaxLength is { } longest)
            yield return new LengthRule(RuleNames.MaxLength, $"have at most {longest} characters", 0, longest);
        // What is personal is not told by its own pattern either.
        if (c.Pattern is { } pattern)
            yield return new PatternRule(RuleNames.Pattern, field.IsPersonal ? "match its pattern" : $"match {pattern}", pattern);
        if (c.ValidPattern is { } valid)
            yield return new PatternRule(RuleNames.ValidValues, field.IsPersonal ? "match its pattern" : $"match {valid}", valid);
        if (c.Format is { } format)
        {
            string form = $"have the form of a {format}";
            yield return format == Formats.Ipv6 ? new Ipv6Rule(form) : new PatternRule(RuleNames.Format, form, Formats.Pattern(format));
        }
        if (c.ValidValues is { } values)
            yield return new ValidValuesRule(values, field.IsPersonal ? $"be one of its {values.Count} valid values" : $"be one of {string.Join(", ", values)}");
        if (c.MinItems is { } least)
            yield return new ItemCountRule(RuleNames.MinItems, $"have at least {least} items", least, int.MaxValue);
        if (c.MaxItems is { } most)
            yield return new ItemCountRule(RuleNames.MaxItems, $"have at most {most} items", 0, most);
        if (c.UniqueItems)
            yield return new UniqueItemsRule();
        if (c.MinProperties is { } fewest)
            yield return new PropertyCountRule(RuleNames.MinProperties, $"have at least {fewest} keys", fewest, int.MaxValue);
        if (c.MaxProperties is { } greatest)
            yield return new PropertyCountRule(RuleNames.MaxProperties, $"have at most {greatest} keys", 0, greatest);
        if (c.MustHave.Count > 0)
            yield return new MustHaveRule(c.MustHave);
    }

    static string Show(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
