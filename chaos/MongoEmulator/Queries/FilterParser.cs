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
                case "$expr" or "$where" or "$text" or "$jsonSchema" or "$alwaysTrue" or "$alwaysFalse" or "$sampleRate":
                    throw new CommandException(ErrorCode.BadValue, $"this emulator does not know the operator {name}");
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
        {
            var filter = ConditionParser.Parse(path, reader.Nested()).On(path);
            parts.AddRange(filter is AllOf all ? all.Parts : [filter]);
        }
        else if (reader.Type == BsonType.RegularExpression)
            parts.Add(new FieldFilter(path, ConditionParser.Regex(reader.Regex)));
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
}
