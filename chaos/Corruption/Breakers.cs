using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;

namespace Chaos.Corruption;

/// <summary>The breakers of all kinds that change a document in one place.</summary>
static class Breakers
{
    static readonly Dictionary<CorruptionKind, Breaker> Known = new()
    {
        [CorruptionKind.MissingField] = (place, d, _) => !place.IsElement && d.Constraints.Required && place.Type != Rule.Missing ? Change.Remove : null,
        [CorruptionKind.MissingKey] = (place, d, _) => d.Constraints is { Required: false, MustExist: true } && place.Type != Rule.Missing ? Change.Remove : null,
        [CorruptionKind.NullField] = (place, d, _) => d.Constraints.Required || place is { IsElement: true, Field.Kind: FieldKind.Rows } ? new Change(BsonValue.Null) : null,
        [CorruptionKind.WrongType] = Setting(Types.Wrong),
        [CorruptionKind.NulInText] = Setting((place, d, random) => Texts.With(place, d, [0], random)),
        [CorruptionKind.InvalidUtf8] = Setting((place, d, random) => Texts.With(place, d, random.PickFrom(Texts.IllFormed)!, random)),
        [CorruptionKind.InvalidValue] = Setting(Texts.Invalid),
        [CorruptionKind.BelowMinimum] = Setting((_, d, _) => Numbers.Below(d)),
        [CorruptionKind.AboveMaximum] = Setting((_, d, _) => Numbers.Above(d)),
        [CorruptionKind.NumberOutOfRange] = Setting((_, d, random) => Numbers.OutOfRange(d, random)),
        [CorruptionKind.Fraction] = Setting(Numbers.Fraction),
        [CorruptionKind.TooPrecise] = Setting((_, d, random) => Numbers.TooPrecise(d, random)),
        [CorruptionKind.DateOutOfRange] = Setting((_, d, random) => Numbers.DateOutOfRange(d, random)),
        [CorruptionKind.TooShort] = Setting((place, d, _) => Texts.TooShort(place, d)),
        [CorruptionKind.TooLong] = Setting((place, d, _) => Texts.TooLong(place, d)),
        [CorruptionKind.BrokenPattern] = Setting(Texts.NotMatching),
        [CorruptionKind.BrokenFormat] = Setting(Texts.NotFormatted),
        [CorruptionKind.TooFewItems] = Setting((place, d, _) => d.Constraints.MinItems is > 0 and var least ? Types.ArrayOf(place, least - 1) : null),
        [CorruptionKind.TooManyItems] = Setting((place, d, _) => d.Constraints.MaxItems is { } most ? Types.ArrayOf(place, most + 1) : null),
        [CorruptionKind.DuplicateKey] = (place, d, random) => Types.IsJson(d) && random.OneInTwo() ? new Change(Types.TwiceInside)
            : !place.IsElement && place.Type != Rule.Missing ? Change.Repeat : null,
        [CorruptionKind.EmptyText] = Setting((place, d, _) => Texts.Empty(place, d)),
        [CorruptionKind.NaughtyText] = Setting(Texts.Naughty),
    };

    public static Change? Break(CorruptionKind kind, Place place, Random random) =>
        place.Described.IsDocumentKey || !Known.TryGetValue(kind, out var breaker) ? null : breaker(place, new Demands(place), random);

    /// <summary>Whether the contract lets a kind break a field in a document that has it. Asked with stand-ins for its values.</summary>
    public static bool Applies(CorruptionKind kind, DescribedField described) => StandIns(described).Any(place => Break(kind, place, new Random(0)) is not null);

    static IEnumerable<Place> StandIns(DescribedField described)
    {
        var field = described.Field;
        PathStep[] path = [new(field.Name)];
        if (field.Kind == FieldKind.Value && !field.IsArray)
        {
            yield return new Place(described, path, field.Accepted.FirstOrDefault(BsonType.Null), default);
            yield break;
        }
        var item = BsonValue.Of(w => w.BeginDocument("").End());
        var array = Bson.Make(w => w.WriteDocument("0", item.Bytes));
        yield return new Place(described, path, field.Kind == FieldKind.Object ? BsonType.Document : BsonType.Array, field.Kind == FieldKind.Object ? item.Bytes : array);
        if (field.Kind != FieldKind.Object)
            yield return new Place(described, [.. path, new PathStep(null)], BsonType.Document, item.Bytes, IsElement: true);
    }

    static Breaker Setting(Func<Place, Demands, Random, BsonValue?> make) =>
        (place, demands, random) => make(place, demands, random) is { } value ? new Change(value) : null;

    /// <summary>One of them; null of none.</summary>
    public static T? PickFrom<T>(this Random random, IReadOnlyList<T> items) where T : class => items.Count == 0 ? null : items[random.Next(items.Count)];

    static bool OneInTwo(this Random random) => random.Next(2) == 0;
}
