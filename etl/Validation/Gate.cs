using System.Globalization;
using Etl.Contracts;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>All rules of one field, compiled from the contract.</summary>
public sealed class Gate
{
    readonly Rule[] rules;

    public Gate(Field field)
    {
        Field = field;
        rules = [.. Compile(field)];
    }

    public Field Field { get; }
    public IReadOnlyList<Rule> Rules => rules;

    /// <summary>The first rule that refuses the value, or null.</summary>
    public Rule? Refuses(BsonType type, ReadOnlySpan<byte> value)
    {
        foreach (var rule in rules)
            if (!rule.Allows(type, value))
                return rule;
        return null;
    }

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
        if (c.Minimum is { } minimum)
            yield return new BoundRule(RuleNames.Minimum, $"be at least {Show(minimum)}", minimum, order => order >= 0);
        if (c.ExclusiveMinimum is { } above)
            yield return new BoundRule(RuleNames.Minimum, $"be more than {Show(above)}", above, order => order > 0);
        if (c.Maximum is { } maximum)
            yield return new BoundRule(RuleNames.Maximum, $"be at most {Show(maximum)}", maximum, order => order <= 0);
        if (c.ExclusiveMaximum is { } below)
            yield return new BoundRule(RuleNames.Maximum, $"be less than {Show(below)}", below, order => order < 0);
        if (c.Earliest is { } earliest)
            yield return new DateBoundRule(RuleNames.Minimum, $"not be before {earliest:O}", earliest.ToUnixTimeMilliseconds(), long.MaxValue);
        if (c.Latest is { } latest)
            yield return new DateBoundRule(RuleNames.Maximum, $"not be after {latest:O}", long.MinValue, latest.ToUnixTimeMilliseconds());
        if (c.MinLength is { } shortest)
            yield return new LengthRule(RuleNames.MinLength, $"have at least {shortest} characters", shortest, int.MaxValue);
        if (c.MaxLength is { } longest)
            yield return new LengthRule(RuleNames.MaxLength, $"have at most {longest} characters", 0, longest);
        if (c.Pattern is { } pattern)
            yield return new PatternRule(RuleNames.Pattern, $"match {pattern}", pattern);
        if (c.Format is { } format)
            yield return new PatternRule(RuleNames.Format, $"have the form of a {format}", Formats.Pattern(format));
        if (c.ValidValues is { } values)
            yield return new ValidValuesRule(values);
        if (c.MinItems is { } least)
            yield return new ItemCountRule(RuleNames.MinItems, $"have at least {least} items", least, int.MaxValue);
        if (c.MaxItems is { } most)
            yield return new ItemCountRule(RuleNames.MaxItems, $"have at most {most} items", 0, most);
    }

    static string Show(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
