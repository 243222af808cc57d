using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>A compiled query: says of a document whether it matches. Holds copies of its constants, so it outlives its request.</summary>
abstract class Filter
{
    public static readonly Filter Everything = new AllOf([]);

    public abstract bool Matches(ReadOnlySpan<byte> document);
}

sealed class AllOf(IReadOnlyList<Filter> parts) : Filter
{
    readonly Filter[] parts = [.. parts];

    public IReadOnlyList<Filter> Parts => parts;

    public override bool Matches(ReadOnlySpan<byte> document)
    {
        foreach (var part in parts)
            if (!part.Matches(document))
                return false;
        return true;
    }
}

sealed class AnyOf(IReadOnlyList<Filter> parts) : Filter
{
    readonly Filter[] parts = [.. parts];

    public override bool Matches(ReadOnlySpan<byte> document)
    {
        foreach (var part in parts)
            if (part.Matches(document))
                return true;
        return false;
    }
}

sealed class Not(Filter part) : Filter
{
    public override bool Matches(ReadOnlySpan<byte> document) => !part.Matches(document);
}

/// <summary>Some value at the path passes the test. Arrays on the way are walked; an array at the end is tested by its elements and as a whole.</summary>
sealed class FieldFilter(FieldPath path, ValueTest test) : Filter
{
    public FieldPath Path => path;
    public ValueTest Test => test;

    public override bool Matches(ReadOnlySpan<byte> document) => Any(document, 0);

    bool Any(ReadOnlySpan<byte> document, int at)
    {
        var reader = new BsonReader(document);
        return Bson.Find(ref reader, path[at])
            ? At(reader.Type, reader.Value, at + 1)
            : test.Matches(BsonType.EndOfDocument, default);
    }

    bool At(BsonType type, ReadOnlySpan<byte> value, int at)
    {
        if (at == path.Length)
            return test.Matches(type, value) || type == BsonType.Array && test.OpensArrays && AnyElement(value);
        return type switch
        {
            BsonType.Document => Any(value, at),
            BsonType.Array => AnyInside(value, at),
            _ => test.Matches(BsonType.EndOfDocument, default),
        };
    }

    bool AnyElement(ReadOnlySpan<byte> array)
    {
        var items = new BsonReader(array);
        while (items.Read())
            if (test.Matches(items.Type, items.Value))
                return true;
        return false;
    }

    bool AnyInside(ReadOnlySpan<byte> array, int at)
    {
        var items = new BsonReader(array);
        for (int i = 0; items.Read(); i++)
        {
            if (items.Type == BsonType.Document && Any(items.Value, at))
                return true;
            if (path.Ordinal(at) == i && (at + 1 == path.Length || items.Type is BsonType.Document or BsonType.Array) && At(items.Type, items.Value, at + 1))
                return true;
        }
        return false;
    }
}
