using System.Buffers;
using Etl.Documents;
using Etl.Flattening;

namespace Etl.Validation;

/// <summary>The types that an array's elements may have; nulls pass.</summary>
internal sealed class ItemTypeRule(IReadOnlySet<BsonType> types) : Rule(RuleNames.Type, $"have elements that are {string.Join(" or ", types.Select(t => t.Alias()))}")
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return true;
        for (var items = new BsonReader(value); items.Read();)
            if (!IsNothing(items.Type) && !types.Contains(items.Type))
                return false;
        return true;
    }
}

/// <summary>A rule for each element of an array.</summary>
internal sealed class ItemRule(Rule ofEach) : Rule(ofEach.Name, $"have elements that each {ofEach.Demand}")
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return true;
        for (var items = new BsonReader(value); items.Read();)
            if (!ofEach.Allows(items.Type, items.Value))
                return false;
        return true;
    }
}

internal sealed class ItemCountRule(string name, string demand, int least, int most) : Rule(name, demand)
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return true;
        int count = 0;
        for (var items = new BsonReader(value); items.Read();)
            count++;
        return count >= least && count <= most;
    }
}

/// <summary>No element twice. Numbers are compared as numbers, everything else by type and bytes; one thread at a time.</summary>
internal sealed class UniqueItemsRule() : Rule(RuleNames.UniqueItems, "not have an element twice")
{
    readonly FieldBuffer scratch = new(64);

    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return true;
        const int smallestItem = 3; // type, a digit, NUL
        var hashes = ArrayPool<Hash128>.Shared.Rent(value.Length / smallestItem + 1);
        try
        {
            int count = 0;
            for (var items = new BsonReader(value); items.Read();)
                hashes[count++] = Identity(items.Type, items.Value);
            var all = hashes.AsSpan(0, count);
            all.Sort();
            for (int i = 1; i < count; i++)
                if (all[i] == all[i - 1])
                    return false;
            return true;
        }
        finally
        {
            ArrayPool<Hash128>.Shared.Return(hashes);
        }
    }

    Hash128 Identity(BsonType type, ReadOnlySpan<byte> value)
    {
        const ulong numbers = 0x100;
        const int scaleAt = 6;
        if (type is not (BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128))
            return Hash128.Of(value, (ulong)type);
        scratch.Truncate();
        ValueEncoder.Write(type, value, Contracts.ColumnType.Numeric, scratch);
        scratch.Truncate(Math.Max(scratch.Length, scaleAt + 2));
        scratch.PatchInt16(scaleAt, 0); // how many decimals are shown: 1.50 is 1.5
        return Hash128.Of(scratch.Written, numbers);
    }
}
