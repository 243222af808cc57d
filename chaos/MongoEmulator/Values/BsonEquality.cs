using System.Buffers.Binary;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>Equality as <see cref="BsonOrder"/> has it (1 equals 1.0), with a hash to match; for $group and distinct.</summary>
sealed class BsonEquality : IEqualityComparer<BsonValue>
{
    public static readonly BsonEquality Instance = new();

    public bool Equals(BsonValue a, BsonValue b) => BsonOrder.Compare(a, b) == 0;

    public int GetHashCode(BsonValue value) => Hash(value.Type, value.Span);

    static int Hash(BsonType type, ReadOnlySpan<byte> value)
    {
        var hash = new HashCode();
        hash.Add(type.Class());
        if (type.IsNumber())
            hash.Add(Arithmetic.ToDouble(type, value) + 0.0); // −0 becomes 0; numbers that are equal have equal doubles
        else if (type is BsonType.Document or BsonType.Array)
        {
            var reader = new BsonReader(value);
            while (reader.Read())
                hash.Add(Hash(reader.Type, reader.Value));
        }
        else if (type == BsonType.JavaScriptWithScope)
            hash.AddBytes(value.Slice(8, BinaryPrimitives.ReadInt32LittleEndian(value[4..])));
        else if (type is not (BsonType.Undefined or BsonType.Null or BsonType.MinKey or BsonType.MaxKey))
            hash.AddBytes(value);
        return hash.ToHashCode();
    }
}
