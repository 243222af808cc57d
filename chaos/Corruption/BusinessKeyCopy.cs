using System.Buffers.Binary;
using System.Text;
using Etl.Contracts;
using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>
/// Copies a document under new keys, its own and those of everything in it, but keeps the value of one field that should be unique:
/// the same business fact entered twice, which no key can refuse. Where none is to be kept, it is a new fact.
/// </summary>
sealed class BusinessKeyCopy(IReadOnlyList<DescribedField> fields)
{
    const int Day = 86_400_000;

    readonly bool describesId = fields.Any(f => f.Field.Path == "_id");

    public static bool Applies(DescribedField described) => described is { IsLoaded: true, IsShared: false, IsDocumentKey: false, Field.Unique: true };

    /// <param name="kept">Null: none is.</param>
    /// <returns>Null where the document has no value in that field, or a key that cannot be changed.</returns>
    public byte[]? Make(Place? kept, IReadOnlyList<Place> places, byte[] document, Random random)
    {
        if (kept is { IsNothing: true })
            return null;
        byte[] copy = document;
        // A composite key is new as soon as one part of it is; the parts of one object are renewed together.
        foreach (var key in places.Where(p => IsOwnKey(p) && !p.IsNothing).GroupBy(p => PathStep.Join(p.Path.SkipLast(1))))
        {
            bool isNew = false;
            foreach (var part in key.Where(p => p.Field != kept?.Field))
                isNew |= Renew(part, random, ref copy);
            if (!isNew)
                return null;
        }
        foreach (var other in places.Where(p => p.Field.Unique && p.Field != kept?.Field && p.Field.KeyPosition == 0 && !p.Described.IsShared && !p.IsNothing))
            if (!Renew(other, random, ref copy))
                return null;
        return describesId || RenewId(document, random, ref copy) ? copy : null;
    }

    static bool IsOwnKey(Place place) => !place.IsElement && !place.Described.IsShared && (place.Field.KeyPosition > 0 || place.Field.Path == "_id");

    static bool RenewId(byte[] document, Random random, ref byte[] copy)
    {
        var reader = new BsonReader(document);
        if (!Bson.Find(ref reader, "_id"u8))
            return true;
        var field = new Field { Name = "_id", Path = "_id", Kind = FieldKind.Value, Accepted = new HashSet<BsonType> { reader.Type } };
        var place = new Place(new DescribedField(field, true, false, false, []), [new PathStep("_id")], reader.Type, reader.Value.ToArray());
        return Renew(place, random, ref copy);
    }

    static bool Renew(Place place, Random random, ref byte[] copy)
    {
        var demands = new Demands(place);
        if (demands.Constraints.ValidValues is not null || Fresh(place, demands, random) is not { } value)
            return false;
        copy = DocumentEditor.Set(copy, place.Path, value);
        return true;
    }

    /// <summary>Another value of the same type that the contract allows.</summary>
    static BsonValue? Fresh(Place place, Demands d, Random random)
    {
        var old = place.Value.Span;
        switch (place.Type)
        {
            case BsonType.ObjectId:
                var id = Bytes(12, random);
                return BsonValue.Of(w => w.WriteObjectId("", id));
            case BsonType.String:
                string text = Encoding.UTF8.GetString(old[4..^1]);
                string hex = Convert.ToHexStringLower(Bytes(16, random));
                string[] tries = [$"{text}-{hex[..12]}", hex, new Guid(Bytes(16, random)).ToString(), Alike(text, random)];
                return tries.Where(t => t != text && d.AllowsText(t)).Select(BsonValue.Of).FirstOrDefault();
            case BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128:
                long least = (long)Math.Clamp(decimal.Ceiling(d.Lowest ?? 1), int.MinValue + 1, int.MaxValue - 1);
                long most = (long)Math.Clamp(decimal.Floor(d.Highest ?? int.MaxValue - 1), least, int.MaxValue - 1);
                int number = (int)random.NextInt64(least, most + 1);
                return !d.AllowsBounds((double)number) ? null : place.Type switch
                {
                    BsonType.Int32 => BsonValue.Of(w => w.Write("", number)),
                    BsonType.Int64 => BsonValue.Of((long)number),
                    BsonType.Double => BsonValue.Of((double)number),
                    _ => BsonValue.Of((Decimal128)number),
                };
            case BsonType.DateTime:
                long at = BinaryPrimitives.ReadInt64LittleEndian(old) + random.Next(1, Day);
                return d.AllowsBounds(at) ? BsonValue.OfDate(at) : null;
            case BsonType.Binary when old.Length > 8 && old[4] != 2:
                return new BsonValue(BsonType.Binary, [.. old[..5], .. Bytes(old.Length - 5, random)]);
            default:
                return null;
        }
    }

    /// <summary>Other letters and digits in the same places: what mostly satisfies a pattern.</summary>
    static string Alike(string text, Random random) => string.Concat(text.Select(c => c switch
    {
        >= '0' and <= '9' => (char)('0' + random.Next(10)),
        >= 'a' and <= 'f' => (char)('a' + random.Next(6)), // stays a hexadecimal digit
        >= 'g' and <= 'z' => (char)('g' + random.Next(20)),
        >= 'A' and <= 'F' => (char)('A' + random.Next(6)),
        >= 'G' and <= 'Z' => (char)('G' + random.Next(20)),
        _ => c,
    }));

    static byte[] Bytes(int count, Random random)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
