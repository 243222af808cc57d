using System.Globalization;

namespace Etl.Contracts;

public enum Comparison
{
    Equal,
    NotEqual,
    GreaterThan,
    GreaterOrEqual,
    LessThan,
    LessOrEqual,

    /// <summary>Both ends included.</summary>
    Between,
    NotBetween,
}

/// <summary>What a measured number must be, by one of the standard's eight operators.</summary>
/// <param name="Upper">The other end, for the two that have one.</param>
public sealed record Expectation(Comparison Comparison, decimal Value, decimal Upper = 0)
{
    public bool Allows(decimal measured) => Comparison switch
    {
        Comparison.Equal => measured == Value,
        Comparison.NotEqual => measured != Value,
        Comparison.GreaterThan => measured > Value,
        Comparison.GreaterOrEqual => measured >= Value,
        Comparison.LessThan => measured < Value,
        Comparison.LessOrEqual => measured <= Value,
        Comparison.Between => measured >= Value && measured <= Upper,
        _ => measured < Value || measured > Upper,
    };

    /// <summary>Completes "must be …".</summary>
    public override string ToString() => Comparison switch
    {
        Comparison.Equal => Show(Value),
        Comparison.NotEqual => $"anything but {Show(Value)}",
        Comparison.GreaterThan => $"more than {Show(Value)}",
        Comparison.GreaterOrEqual => $"at least {Show(Value)}",
        Comparison.LessThan => $"less than {Show(Value)}",
        Comparison.LessOrEqual => $"at most {Show(Value)}",
        Comparison.Between => $"between {Show(Value)} and {Show(Upper)}",
        _ => $"outside {Show(Value)} to {Show(Upper)}",
    };

    static string Show(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
