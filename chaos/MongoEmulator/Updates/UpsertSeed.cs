using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Updates;

/// <summary>The document that an upsert begins with: the fields that its query wants equal to something, inside $and too.</summary>
static class UpsertSeed
{
    /// <param name="idOnly">For a replacement, which takes the _id alone from the query.</param>
    public static Node From(ReadOnlySpan<byte> query, bool idOnly)
    {
        var root = Node.NewDocument();
        AddFrom(query, root, idOnly);
        return root;
    }

    static void AddFrom(ReadOnlySpan<byte> query, Node root, bool idOnly)
    {
        var reader = new BsonReader(query);
        while (reader.Read())
            if (reader.Name == "$and")
            {
                var clauses = reader.Nested();
                while (clauses.Read())
                    AddFrom(clauses.Document, root, idOnly);
            }
            else if (!reader.Name.StartsWith('$') && (!idOnly || reader.Name == "_id") && Equal(reader) is { IsMissing: false } value)
            {
                if (root[reader.Name] != null)
                    throw new CommandException(ErrorCode.BadValue, $"cannot infer query fields to set, path '{reader.Name}' is matched twice");
                new SetModifier(new FieldPath(reader.Name), value).Apply(root);
            }
    }

    static BsonValue Equal(in BsonReader reader)
    {
        if (reader.Type != BsonType.Document || !FilterParser.HasOperator(reader))
            return reader.Type == BsonType.RegularExpression ? BsonValue.Missing : BsonValue.CopyOf(reader);
        var operators = reader.Nested();
        if (Bson.Find(ref operators, "$eq"u8))
            return BsonValue.CopyOf(operators);
        operators = reader.Nested();
        if (Bson.Find(ref operators, "$in"u8) && operators.Type == BsonType.Array)
        {
            var items = operators.Nested();
            if (items.Read() && BsonValue.CopyOf(items) is var only && only.Type != BsonType.RegularExpression && !items.Read())
                return only;
        }
        return BsonValue.Missing;
    }
}
