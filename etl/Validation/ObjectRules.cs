using System.Text;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>Bounds of how many keys an object has.</summary>
internal sealed class PropertyCountRule(string name, string demand, int least, int most) : Rule(name, demand)
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Document)
            return true;
        int count = 0;
        for (var reader = new BsonReader(value); reader.Read();)
            count++;
        return count >= least && count <= most;
    }
}

/// <summary>Keys that an object must have whose inside is not described.</summary>
internal sealed class MustHaveRule(IReadOnlyList<string> names) : Rule(RuleNames.MustExist, $"have {string.Join(", ", names)}, if only as null")
{
    readonly byte[][] keys = [.. names.Select(Encoding.UTF8.GetBytes)];

    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Document)
            return true;
        foreach (byte[] key in keys)
        {
            var reader = new BsonReader(value);
            if (!Bson.Find(ref reader, key))
                return false;
        }
        return true;
    }
}
