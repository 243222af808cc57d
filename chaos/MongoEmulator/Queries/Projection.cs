using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>Fields to keep, or fields to leave out; dotted paths reach into documents and into documents inside arrays.</summary>
sealed class Projection
{
    sealed class Node
    {
        public readonly Dictionary<string, Node> Children = new(StringComparer.Ordinal);
        public bool IsLeaf => Children.Count == 0;
    }

    readonly Node root = new();
    readonly HashSet<Node> named = [];
    readonly BsonWriter writer = new();
    bool inclusive;
    bool? keepId;

    /// <returns>Null when everything is kept.</returns>
    /// <exception cref="CommandException">Kept and left out fields mixed, or an expression.</exception>
    public static Projection? Parse(ReadOnlySpan<byte> specification)
    {
        var projection = new Projection();
        bool? decided = null;
        var reader = new BsonReader(specification);
        while (reader.Read())
        {
            string name = reader.Name;
            if (!reader.Type.IsNumber() && reader.Type != BsonType.Boolean)
                throw new CommandException(ErrorCode.BadValue, $"this emulator projects fields by 0 and 1 only, not by the {reader.Type.Alias()} given for '{name}'");
            if (name.Length == 0 || name[0] == '$' || name.Contains(".$", StringComparison.Ordinal))
                throw new CommandException(ErrorCode.BadValue, $"FieldPath '{name}' cannot be projected by this emulator");
            bool keep = BsonValue.CopyOf(reader).IsTrue;
            if (name == "_id")
            {
                projection.keepId = keep;
                continue;
            }
            if (decided is { } before && before != keep)
                throw keep
                    ? new CommandException(ErrorCode.InclusionInExclusion, $"Cannot do inclusion on field {name} in exclusion projection")
                    : new CommandException(ErrorCode.ExclusionInInclusion, $"Cannot do exclusion on field {name} in inclusion projection");
            decided = keep;
            projection.Add(name);
        }
        projection.inclusive = decided ?? projection.keepId ?? false;
        return decided == null && projection.keepId == null ? null : projection;
    }

    void Add(string path)
    {
        var node = root;
        foreach (string name in path.Split('.'))
        {
            if (named.Contains(node))
                throw Collision(path);
            if (!node.Children.TryGetValue(name, out var child))
                node.Children[name] = child = new Node();
            node = child;
        }
        if (!node.IsLeaf || !named.Add(node))
            throw Collision(path);
    }

    static CommandException Collision(string path) => new(ErrorCode.BadValue, $"Path collision at {path}");

    /// <summary>The projected document; valid until the next call.</summary>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> document)
    {
        writer.Reset();
        writer.BeginDocument();
        var reader = new BsonReader(document);
        while (reader.Read())
            if (reader.NameUtf8.SequenceEqual("_id"u8) && !root.Children.ContainsKey("_id"))
            {
                if (keepId ?? true)
                    writer.WriteElement(reader);
            }
            else
                Field(reader, root);
        return writer.End().Written;
    }

    void Field(in BsonReader reader, Node parent)
    {
        if (!parent.Children.TryGetValue(reader.Name, out var node))
        {
            if (!inclusive)
                writer.WriteElement(reader);
        }
        else if (node.IsLeaf)
        {
            if (inclusive)
                writer.WriteElement(reader);
        }
        else if (reader.Type == BsonType.Document)
        {
            writer.BeginDocument(reader.Name);
            Fields(reader.Nested(), node);
        }
        else if (reader.Type == BsonType.Array)
        {
            writer.BeginArray(reader.Name);
            Items(reader.Nested(), node);
        }
        else if (!inclusive)
            writer.WriteElement(reader);
    }

    void Fields(BsonReader reader, Node node)
    {
        while (reader.Read())
            Field(reader, node);
        writer.End();
    }

    void Items(BsonReader items, Node node)
    {
        while (items.Read())
            if (items.Type == BsonType.Document)
            {
                writer.BeginDocument();
                Fields(items.Nested(), node);
            }
            else if (items.Type == BsonType.Array)
            {
                writer.BeginArray();
                Items(items.Nested(), node);
            }
            else if (!inclusive)
                writer.WriteElement(items);
        writer.End();
    }
}
