using System.Text;
using System.Text.RegularExpressions;
using Etl.Contracts;
using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>
/// What the contract demands of the value at one place, so that a value can be made that breaks one demand and keeps all others.
/// Read from the contract anew, never asked of the gate: a gate that lets something through must not hide it from the corruptor.
/// </summary>
sealed class Demands
{
    static readonly BsonType[] Numbers = [BsonType.Int32, BsonType.Int64, BsonType.Double, BsonType.Decimal128];
    static readonly long[] Integers = [int.MinValue, int.MaxValue];

    readonly Constraints constraints;
    readonly IReadOnlySet<BsonType> accepted;

    public Demands(Place place)
    {
        var field = place.Field;
        ColumnType = field.ColumnType;
        IsLoaded = place.Described.IsLoaded;
        // The demands on an array are on the array; its elements need only fit.
        constraints = place.IsElement ? Constraints.None : field.Constraints;
        accepted = field.Kind != FieldKind.Value ? new HashSet<BsonType> { place.IsElement || field.Kind == FieldKind.Object ? BsonType.Document : BsonType.Array }
            : !field.IsArray ? field.Accepted
            : !place.IsElement ? new HashSet<BsonType> { BsonType.Array }
            : new HashSet<BsonType>(Holdable(ColumnType));
        IsValue = field.Kind == FieldKind.Value && (!field.IsArray || place.IsElement);
    }

    public Constraints Constraints => constraints;
    public ColumnType ColumnType { get; }
    public bool IsLoaded { get; }

    /// <summary>A single value, which a column holds or an element of its array.</summary>
    public bool IsValue { get; }

    public bool Accepts(BsonType type) => accepted.Contains(type);

    /// <summary>Demands on the characters themselves, which a broken text would break as well.</summary>
    public bool IsChoosy => constraints.Pattern is not null || constraints.Format is not null || constraints.ValidValues is not null;

    public bool AllowsText(string text) => Accepts(BsonType.String) && AllowsLength(text) && AllowsPattern(text) && AllowsFormat(text) && AllowsChoice(text);

    public bool AllowsLength(string text) => text.EnumerateRunes().Count() is var length
        && length >= (constraints.MinLength ?? 0) && length <= (constraints.MaxLength ?? int.MaxValue);

    public bool AllowsPattern(string text) => constraints.Pattern is not { } pattern || Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    public bool AllowsFormat(string text) => constraints.Format is not { } format || Regex.IsMatch(text, Formats.Pattern(format), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    public bool AllowsChoice(string text) => constraints.ValidValues is not { } values || values.Contains(text);

    public bool HasBounds => Lowest is not null || Highest is not null;
    public decimal? Lowest => Larger(constraints.Minimum, constraints.ExclusiveMinimum);
    public decimal? Highest => Smaller(constraints.Maximum, constraints.ExclusiveMaximum);

    public bool AllowsBounds(double number) => !HasBounds || !double.IsNaN(number)
        && (constraints.Minimum is not { } a || number >= (double)a) && (constraints.ExclusiveMinimum is not { } b || number > (double)b)
        && (constraints.Maximum is not { } c || number <= (double)c) && (constraints.ExclusiveMaximum is not { } d || number < (double)d);

    public bool AllowsBounds(long milliseconds) =>
        (constraints.Earliest is not { } first || milliseconds >= first.ToUnixTimeMilliseconds())
        && (constraints.Latest is not { } last || milliseconds <= last.ToUnixTimeMilliseconds());

    /// <summary>Whether the column can hold a whole number of that size, where there is a column.</summary>
    public bool FitsWhole(decimal number) => !IsLoaded || ColumnType switch
    {
        ColumnType.Integer => number >= Integers[0] && number <= Integers[1],
        ColumnType.BigInt => number is >= long.MinValue and <= long.MaxValue,
        ColumnType.Double => Math.Abs(number) <= 1L << 53,
        _ => true,
    };

    /// <summary>A number in the first accepted type that holds it exactly; null when none does.</summary>
    public BsonValue? Number(decimal number)
    {
        bool whole = decimal.Truncate(number) == number;
        if (whole && Accepts(BsonType.Int32) && number is >= int.MinValue and <= int.MaxValue)
            return BsonValue.Of(w => w.Write("", (int)number));
        if (whole && Accepts(BsonType.Int64) && number is >= long.MinValue and <= long.MaxValue)
            return BsonValue.Of((long)number);
        if (Accepts(BsonType.Decimal128))
            return BsonValue.Of((Decimal128)number);
        return Accepts(BsonType.Double) && (decimal)(double)number == number ? BsonValue.Of((double)number) : null;
    }

    static IEnumerable<BsonType> Holdable(ColumnType column) => column switch
    {
        ColumnType.Text => [BsonType.String, BsonType.ObjectId],
        ColumnType.Boolean => [BsonType.Boolean],
        ColumnType.Timestamp => [BsonType.DateTime],
        ColumnType.Uuid or ColumnType.Bytea => [BsonType.Binary],
        ColumnType.Jsonb => Enum.GetValues<BsonType>(),
        _ => Numbers,
    };

    static decimal? Larger(decimal? a, decimal? b) => a is { } x && b is { } y ? Math.Max(x, y) : a ?? b;
    static decimal? Smaller(decimal? a, decimal? b) => a is { } x && b is { } y ? Math.Min(x, y) : a ?? b;
}
