using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>What one operator asks (<c>$gt: 5</c>): of a field's values, or, inside <c>$elemMatch</c>, of an element itself.</summary>
abstract class Condition
{
    public abstract Filter On(FieldPath path);

    public abstract bool Holds(BsonType type, ReadOnlySpan<byte> value);
}

sealed class TestCondition(ValueTest test) : Condition
{
    public override Filter On(FieldPath path) => new FieldFilter(path, test);

    public override bool Holds(BsonType type, ReadOnlySpan<byte> value) => test.Matches(type, value);
}

sealed class AllConditions(IReadOnlyList<Condition> parts) : Condition
{
    public override Filter On(FieldPath path) => parts.Count == 1 ? parts[0].On(path) : new AllOf([.. parts.Select(p => p.On(path))]);

    public override bool Holds(BsonType type, ReadOnlySpan<byte> value)
    {
        foreach (var part in parts)
            if (!part.Holds(type, value))
                return false;
        return true;
    }
}

sealed class NotCondition(Condition inner) : Condition
{
    public override Filter On(FieldPath path) => new Not(inner.On(path));

    public override bool Holds(BsonType type, ReadOnlySpan<byte> value) => !inner.Holds(type, value);
}
