using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>$size: an array of so many elements; arrays inside it are not looked at.</summary>
sealed class SizeTest(long size) : ValueTest
{
    public override bool OpensArrays => false;

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return false;
        long count = 0;
        var items = new BsonReader(value);
        while (items.Read())
            count++;
        return count == size;
    }
}

/// <summary>$elemMatch: some one element is a document (or an array, by its indexes) that matches.</summary>
sealed class ElementDocumentTest(Filter filter) : ValueTest
{
    public override bool OpensArrays => false;

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return false;
        var items = new BsonReader(value);
        while (items.Read())
            if (items.Type is BsonType.Document or BsonType.Array && filter.Matches(items.Value))
                return true;
        return false;
    }
}

/// <summary>$elemMatch of operators: some one element meets them all.</summary>
sealed class ElementValueTest(Condition condition) : ValueTest
{
    public override bool OpensArrays => false;

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return false;
        var items = new BsonReader(value);
        while (items.Read())
            if (condition.Holds(items.Type, items.Value))
                return true;
        return false;
    }
}
