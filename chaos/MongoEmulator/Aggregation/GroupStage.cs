using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>$group: one document a distinct key, in the order in which keys first appear.</summary>
sealed class GroupStage : Stage
{
    readonly Expression key;
    readonly List<(string Name, Func<Accumulator> Make, Expression Input)> fields = [];

    public GroupStage(in BsonReader specification)
    {
        if (specification.Type != BsonType.Document)
            throw new CommandException((ErrorCode)15947, "a group's fields must be specified in an object");
        Expression? id = null;
        var reader = specification.Nested();
        while (reader.Read())
            if (reader.Name == "_id")
                id = Expression.Parse(reader);
            else
                fields.Add(Field(reader));
        key = id ?? throw new CommandException((ErrorCode)15955, "a group specification must include an _id");
    }

    static (string, Func<Accumulator>, Expression) Field(in BsonReader reader)
    {
        string field = reader.Name;
        if (field.Contains('.'))
            throw new CommandException((ErrorCode)40235, $"The field name '{field}' cannot contain '.'");
        if (reader.Type != BsonType.Document)
            throw new CommandException((ErrorCode)40234, $"The field '{field}' must be an accumulator object");
        var operation = reader.Nested();
        if (!operation.Read())
            throw new CommandException((ErrorCode)40234, $"The field '{field}' must be an accumulator object");
        string name = operation.Name;
        var make = Accumulator.Named(name);
        var input = name == "$count" ? Count(operation) : Expression.Parse(operation);
        return operation.Read()
            ? throw new CommandException(ErrorCode.AccumulatorOneArgument, $"The field '{field}' must specify one accumulator")
            : (field, make, input);
    }

    static Expression Count(in BsonReader operation)
    {
        if (operation.Type != BsonType.Document || operation.Document.Length != BsonReader.SmallestDocument)
            throw new CommandException(ErrorCode.TypeMismatch, "$count takes no arguments, i.e. $count:{}");
        var one = new BsonReader(Bson.Make(w => w.Write("n", 1)));
        one.Read();
        return Expression.Parse(one);
    }

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents)
    {
        Dictionary<BsonValue, Accumulator[]> groups = new(BsonEquality.Instance);
        List<BsonValue> order = [];
        foreach (byte[] document in documents)
        {
            var id = key.Evaluate(document);
            if (id.IsMissing)
                id = BsonValue.Null;
            if (!groups.TryGetValue(id, out var accumulators))
            {
                groups[id] = accumulators = [.. fields.Select(f => f.Make())];
                order.Add(id);
            }
            for (int i = 0; i < accumulators.Length; i++)
                accumulators[i].Add(fields[i].Input.Evaluate(document));
        }
        foreach (var id in order)
            yield return Bson.Make(w =>
            {
                w.WriteRaw(id.Type, "_id", id.Span);
                for (int i = 0; i < fields.Count; i++)
                    if (groups[id][i].Result is var result)
                        w.WriteRaw(result.Type, fields[i].Name, result.Span);
            });
    }
}
