using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>A value made from a document: <c>$field.path</c>, <c>$$ROOT</c>, a constant, <c>$literal</c>, or a document or array of these.</summary>
abstract class Expression
{
    public abstract BsonValue Evaluate(byte[] document);

    /// <exception cref="CommandException">InvalidPipelineOperator: an operator that is unknown here.</exception>
    public static Expression Parse(in BsonReader reader)
    {
        if (reader.Type == BsonType.String && reader.Utf8.Length > 1 && reader.Utf8[0] == '$')
            return Named(reader.String);
        if (reader.Type is not (BsonType.Document or BsonType.Array))
            return new Constant(BsonValue.CopyOf(reader));
        List<(string Name, Expression Value)> fields = [];
        var inner = reader.Nested();
        while (inner.Read())
        {
            if (reader.Type == BsonType.Document && inner.Name.StartsWith('$'))
                return inner.Name == "$literal"
                    ? new Constant(BsonValue.CopyOf(inner))
                    : throw new CommandException(ErrorCode.InvalidPipelineOperator, $"Unrecognized expression '{inner.Name}'");
            fields.Add((inner.Name, Parse(inner)));
        }
        return new Composite(reader.Type, fields);
    }

    static Expression Named(string text)
    {
        if (text is "$$ROOT" or "$$CURRENT")
            return new Whole();
        string path = text[1..];
        foreach (string root in (ReadOnlySpan<string>)["$ROOT.", "$CURRENT."])
            if (path.StartsWith(root, StringComparison.Ordinal))
                return new Field(new FieldPath(path[root.Length..]));
        return path.StartsWith('$')
            ? throw new CommandException(ErrorCode.BadValue, $"Use of undefined variable: {path[1..]}")
            : new Field(new FieldPath(path));
    }

    sealed class Whole : Expression
    {
        public override BsonValue Evaluate(byte[] document) => BsonValue.Of(document);
    }

    sealed class Field(FieldPath path) : Expression
    {
        public override BsonValue Evaluate(byte[] document) => path.Evaluate(document);
    }

    sealed class Composite(BsonType type, List<(string Name, Expression Value)> fields) : Expression
    {
        public override BsonValue Evaluate(byte[] document)
        {
            var node = type == BsonType.Array ? Updates.Node.NewArray() : Updates.Node.NewDocument();
            foreach (var (name, value) in fields)
                if (value.Evaluate(document) is { IsMissing: false } given)
                    node.Fields.Add((name, new Updates.Node(given)));
                else if (type == BsonType.Array)
                    node.Fields.Add((name, new Updates.Node(BsonValue.Null)));
            return node.Value;
        }
    }
}

sealed class Constant(BsonValue value) : Expression
{
    public override BsonValue Evaluate(byte[] document) => value;
}
