using System.Text;
using Chaos.Generation;
using Etl.Contracts;
using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>
/// Breaks documents of one dataset in every way that its contract gives an occasion for, one thing in one document.
/// What a document becomes depends on the seed, the kind and the document alone, not on what was asked before.
/// </summary>
/// <remarks>Documents have to be ones that the contract accepts: nobody can say what comes of a document broken twice.</remarks>
public sealed class Corruptor
{
    readonly Dataset dataset;
    readonly int seed;
    readonly IReadOnlyList<DescribedField> fields;
    readonly BusinessKeyCopy copies;
    readonly Dictionary<CorruptionKind, IReadOnlyList<Field>> applicable;

    public Corruptor(Dataset dataset, int seed)
    {
        this.dataset = dataset;
        this.seed = seed;
        fields = DescribedField.Of(dataset);
        copies = new BusinessKeyCopy(fields);
        var all = fields.SelectMany(f => f.SelfAndInside).ToList();
        applicable = CorruptionKind.All
            .Select(kind => (kind, on: all.Where(f => kind == CorruptionKind.DuplicateBusinessKey ? BusinessKeyCopy.Applies(f) : Breakers.Applies(kind, f)).Select(f => f.Field).ToList()))
            .Where(k => k.on.Count > 0)
            .ToDictionary(k => k.kind, k => (IReadOnlyList<Field>)k.on);
        Applicable = [.. CorruptionKind.All.Where(applicable.ContainsKey)];
    }

    /// <summary>The kinds that the contract gives an occasion for.</summary>
    public IReadOnlyList<CorruptionKind> Applicable { get; }

    /// <summary>The fields that a kind can break. The document's key is never among them: a broken document has to stay recognisable.</summary>
    public IReadOnlyList<Field> FieldsFor(CorruptionKind kind) => applicable.GetValueOrDefault(kind, []);

    /// <summary>Breaks one thing in a copy of the document, at a place that the seed decides.</summary>
    /// <param name="field">Only there; null: any field that the kind applies to.</param>
    /// <returns>Null when this document has no place for that kind: no element in the array, no value to repeat.</returns>
    public CorruptedDocument? Corrupt(CorruptionKind kind, ReadOnlySpan<byte> document, Field? field = null)
    {
        byte[] original = document.ToArray();
        var random = Chance.Seeded(Chance.Mix(Chance.Mix((ulong)seed, Hash(Encoding.UTF8.GetBytes(kind.Name))), Hash(original)));
        var places = Place.In(fields, original).ToList();
        var candidates = FieldsFor(kind).Where(f => field is null || f == field).ToArray();
        random.Shuffle(candidates); // fields first: one with many elements is not to draw all the attention
        foreach (var candidate in candidates)
        {
            var there = places.Where(p => p.Field == candidate).ToArray();
            random.Shuffle(there);
            foreach (var place in there)
                if (Broken(kind, place, places, original, random) is { } broken)
                    return new CorruptedDocument(kind, dataset.Name, place.Reported, broken, KeyOf(broken), IsNew: kind == CorruptionKind.DuplicateBusinessKey);
        }
        return null;
    }

    byte[]? Broken(CorruptionKind kind, Place place, List<Place> places, byte[] original, Random random) => kind == CorruptionKind.DuplicateBusinessKey
        ? copies.Make(place, places, original, random)
        : Breakers.Break(kind, place, random) is { } change ? change.At(original, place.Path) : null;

    /// <summary>The document's <c>_id</c> as the quarantine writes it; empty where it has none.</summary>
    public static string KeyOf(ReadOnlySpan<byte> document)
    {
        var reader = new BsonReader(document);
        return Bson.Find(ref reader, "_id"u8) ? ExtendedJson.ValueToString(reader.Type, reader.Value, relaxed: false) : "";
    }

    /// <summary>FNV-1a: the same on every machine and in every run, which string.GetHashCode is not.</summary>
    internal static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }
}
