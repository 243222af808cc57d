using Chaos.MongoEmulator.Aggregation;
using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>Fields to keep and compute, or fields to leave out; dotted paths reach into documents and into documents inside arrays.</summary>
sealed class Projection
{
    sealed class Node
    {
        public readonly Dictionary<string, Node> Children = new(StringComparer.Ordinal);
        public bool IsLeaf => Children.Count == 0;

        /// <summary>Its value comes later, from an expression; documents on the way to it are kept for it.</summary>
        public bool IsComputed { get; set; }
    }

    readonly Node root = new();
    readonly HashSet<Node> named = [];
    readonly BsonWriter writer = new();
    readonly ComputedFields computed = new();
    bool inclusive;
    bool? keepId, decided;

    /// <returns>Null when everything is kept.</returns>
    /// <exception cref="CommandException">Kept and left out fields mixed, or what this emulator does not compute.</exception>
    public static Projection? Parse(ReadOnlySpan<byte> specification)
    {
        var projection = new Projection();
        var reader = new BsonReader(specification);
        while (reader.Read())
            projection.Read("", reader);
        projection.inclusive = projection.decided ?? projection.keepId ?? false;
        return projection.decided == null && projection.keepId == null ? null : projection;
    }

    void Read(string prefix, in BsonReader reader)
    {
        string name = prefix + reader.Name;
        if (reader.NameUtf8.Length == 0 || reader.NameUtf8[0] == '$' || name.Contains(".$", StringComparison.Ordinal))
            throw new CommandException(ErrorCode.BadValue, $"FieldPath '{name}' cannot be projected by this emulator");
        if (reader.Type.IsNumber() || reader.Type == BsonType.Boolean)
            Keep(name, BsonValue.CopyOf(reader).IsTrue);
        else if (reader.Type != BsonType.Document || ComputedFields.IsExpression(reader))
            Compute(name, reader);
        else if (reader.Document.Length == BsonReader.SmallestDocument)
            throw new CommandException((ErrorCode)51270, $"An empty sub-projection is not a valid value. Found empty object at path {name}");
        else
            for (var inner = reader.Nested(); inner.Read();)
                Read($"{name}.", inner);
    }

    void Keep(string name, bool keep)
    {
        if (name == "_id")
        {
            keepId = keep;
            return;
        }
        if (decided is { } before && before != keep)
            throw keep
                ? new CommandException(ErrorCode.InclusionInExclusion, $"Cannot do inclusion on field {name} in exclusion projection")
                : new CommandException(ErrorCode.ExclusionInInclusion, $"Cannot do exclusion on field {name} in inclusion projection");
        decided = keep;
        Add(name);
    }

    void Compute(string name, in BsonReader reader)
    {
        var first = reader.Type == BsonType.Document ? reader.Nested() : default;
        if (reader.Type == BsonType.Document && first.Read() && first.Name is "$slice" or "$elemMatch" or "$meta")
            throw new CommandException(ErrorCode.BadValue, $"this emulator does not project by {first.Name}, given for '{name}'");
        if (decided == false)
            throw new CommandException((ErrorCode)31252, $"Cannot use an expression for field {name} in an exclusion projection");
        decided = true;
        computed.Add(new FieldPath(name), Expression.Parse(reader));
        if (name == "_id")
            keepId = false; // computed anew
        else
            Add(name).IsComputed = true;
    }

    Node Add(string path)
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
        return node;
    }

    static CommandException Collision(string path) => new(ErrorCode.BadValue, $"Path collision at {path}");

    /// <summary>The projected document; valid until the next call.</summary>
    public ReadOnlySpan<byte> Apply(byte[] document)
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
        writer.End();
        return computed.Count == 0 ? writer.Written : computed.Apply(document, writer.ToArray());
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
            if (inclusive && !node.IsComputed)
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
