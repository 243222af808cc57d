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

/// <summary>$elemMatch: some one element of an array meets it.</summary>
abstract class ElementTest : ValueTest
{
    public override bool OpensArrays => false;

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.Array)
            return false;
        var items = new BsonReader(value);
        while (items.Read())
            if (Meets(items.Type, items.Value))
                return true;
        return false;
    }

    protected abstract bool Meets(BsonType type, ReadOnlySpan<byte> element);
}

/// <summary>$elemMatch: some one element is a document (or an array, by its indexes) that matches.</summary>
sealed class ElementDocumentTest(Filter filter) : ElementTest
{
    protected override bool Meets(BsonType type, ReadOnlySpan<byte> element) => type is BsonType.Document or BsonType.Array && filter.Matches(element);
}

/// <summary>$elemMatch of operators: some one element meets them all.</summary>
sealed class ElementValueTest(Condition condition) : ElementTest
{
    protected override bool Meets(BsonType type, ReadOnlySpan<byte> element) => condition.Holds(type, element);
}
