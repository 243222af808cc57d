using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>Compiles a query document. What it does not know is refused by name.</summary>
static class FilterParser
{
    /// <exception cref="CommandException">BadValue: an operator that is unknown or misused.</exception>
    public static Filter Parse(ReadOnlySpan<byte> query)
    {
        List<Filter> parts = [];
        var reader = new BsonReader(query);
        while (reader.Read())
        {
            string name = reader.Name;
            switch (name)
            {
                case "$and":
                    parts.Add(new AllOf(Clauses(name, reader)));
                    break;
                case "$or":
                    parts.Add(new AnyOf(Clauses(name, reader)));
                    break;
                case "$nor":
                    parts.Add(new Not(new AnyOf(Clauses(name, reader))));
                    break;
                case "$comment":
                    break;
                case ['$', ..]:
                    throw new CommandException(ErrorCode.BadValue, $"unknown top level operator: {name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.");
                default:
                    Field(new FieldPath(name), reader, parts);
                    break;
            }
        }
        return parts.Count == 1 ? parts[0] : new AllOf(parts);
    }

    static List<Filter> Clauses(string name, in BsonReader reader)
    {
        if (reader.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, $"{name} must be an array");
        List<Filter> clauses = [];
        var items = reader.Nested();
        while (items.Read())
            clauses.Add(items.Type == BsonType.Document
                ? Parse(items.Document)
                : throw new CommandException(ErrorCode.BadValue, $"{name} argument's entries must be objects"));
        return clauses.Count > 0 ? clauses : throw new CommandException(ErrorCode.BadValue, $"{name} argument must be a non-empty array");
    }

    static void Field(FieldPath path, in BsonReader reader, List<Filter> parts)
    {
        if (reader.Type == BsonType.Document && HasOperator(reader))
            Operators(path, reader.Nested(), parts);
        else if (reader.Type == BsonType.RegularExpression)
            throw new CommandException(ErrorCode.BadValue, $"unknown operator: $regex (a regular expression for '{path.Text}'; this emulator does not match them yet)");
        else
            parts.Add(new FieldFilter(path, new ComparisonTest(Comparison.Equal, BsonValue.CopyOf(reader))));
    }

    /// <summary>Whether a document is made of operators: its first name says so, as in mongod. A $ref, $id or $db begins a DBRef.</summary>
    public static bool HasOperator(in BsonReader reader)
    {
        var first = reader.Nested();
        return first.Read() && first.NameUtf8.Length > 0 && first.NameUtf8[0] == '$'
            && !first.NameUtf8.SequenceEqual("$ref"u8) && !first.NameUtf8.SequenceEqual("$id"u8) && !first.NameUtf8.SequenceEqual("$db"u8);
    }

    static void Operators(FieldPath path, BsonReader reader, List<Filter> parts)
    {
        while (reader.Read())
        {
            string name = reader.Name;
            Filter filter = name switch
            {
                "$eq" => Compared(path, Comparison.Equal, reader),
                "$ne" => new Not(Compared(path, Comparison.Equal, reader)),
                "$lt" => Compared(path, Comparison.Less, reader),
                "$lte" => Compared(path, Comparison.LessOrEqual, reader),
                "$gt" => Compared(path, Comparison.Greater, reader),
                "$gte" => Compared(path, Comparison.GreaterOrEqual, reader),
                "$in" => new FieldFilter(path, new InTest(Constants(name, reader))),
                "$nin" => new Not(new FieldFilter(path, new InTest(Constants(name, reader)))),
                "$exists" => Exists(path, BsonValue.CopyOf(reader).IsTrue),
                "$not" => new Not(Negated(path, reader)),
                ['$', ..] => throw new CommandException(ErrorCode.BadValue, $"unknown operator: {name}"),
                _ => throw new CommandException(ErrorCode.BadValue, $"unknown operator: {name}"),
            };
            parts.Add(filter);
        }
    }

    static FieldFilter Compared(FieldPath path, Comparison comparison, in BsonReader reader)
    {
        if (reader.Type == BsonType.RegularExpression)
            throw new CommandException(ErrorCode.BadValue, $"Can't have RegEx as arg to predicate over field '{path.Text}'.");
        if (reader.Type == BsonType.Undefined)
            throw new CommandException(ErrorCode.BadValue, "cannot compare to undefined");
        return new FieldFilter(path, new ComparisonTest(comparison, BsonValue.CopyOf(reader)));
    }

    static Filter Exists(FieldPath path, bool wanted)
    {
        var filter = new FieldFilter(path, new ExistsTest());
        return wanted ? filter : new Not(filter);
    }

    static AllOf Negated(FieldPath path, in BsonReader reader)
    {
        if (reader.Type != BsonType.Document || !HasOperator(reader))
            throw new CommandException(ErrorCode.BadValue, "$not needs a document of operators");
        List<Filter> inner = [];
        Operators(path, reader.Nested(), inner);
        return new AllOf(inner);
    }

    static List<BsonValue> Constants(string name, in BsonReader reader)
    {
        if (reader.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, $"{name} needs an array");
        List<BsonValue> values = [];
        var items = reader.Nested();
        while (items.Read())
        {
            if (items.Type == BsonType.RegularExpression)
                throw new CommandException(ErrorCode.BadValue, $"unknown operator: $regex (inside {name}; this emulator does not match regular expressions yet)");
            if (items.Type == BsonType.Document && HasOperator(items))
                throw new CommandException(ErrorCode.BadValue, $"cannot nest $ under {name}");
            values.Add(BsonValue.CopyOf(items));
        }
        return values;
    }
}
