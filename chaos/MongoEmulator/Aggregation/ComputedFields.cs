using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Updates;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>Fields set to the values of expressions, all taken from the document as it was. A path through an array sets the field in each element.</summary>
sealed class ComputedFields
{
    readonly List<(FieldPath Path, Expression Value)> fields = [];

    public int Count => fields.Count;

    public void Add(FieldPath path, Expression value)
    {
        foreach (string name in path.Names)
            if (name.Length == 0 || name[0] == '$')
                throw new CommandException((ErrorCode)16410, $"FieldPath field names may not start with '$' or be empty, as in '{path.Text}'.");
        fields.Add((path, value));
    }

    /// <summary>Of $addFields: a document without operators sets the fields in it.</summary>
    public void Add(string prefix, in BsonReader reader)
    {
        string path = prefix + reader.Name;
        if (reader.Type == BsonType.Document && !IsExpression(reader) && reader.Document.Length > BsonReader.SmallestDocument)
            for (var inner = reader.Nested(); inner.Read();)
                Add($"{path}.", inner);
        else
            Add(new FieldPath(path), Expression.Parse(reader));
    }

    public static bool IsExpression(in BsonReader reader)
    {
        var first = reader.Nested();
        return first.Read() && first.NameUtf8.Length > 0 && first.NameUtf8[0] == '$';
    }

    /// <param name="original">What the expressions see.</param>
    /// <param name="target">What the fields are set in.</param>
    public byte[] Apply(byte[] original, byte[] target)
    {
        var root = new Node(BsonValue.Of(target));
        foreach (var (path, value) in fields)
            Set(root, path, 0, value.Evaluate(original));
        return root.ToDocument();
    }

    static void Set(Node node, FieldPath path, int at, BsonValue value)
    {
        string name = path.Names[at];
        int place = node.Fields.FindIndex(f => f.Name == name);
        if (at == path.Length - 1)
        {
            if (value.IsMissing && place >= 0)
                node.Fields.RemoveAt(place);
            else if (place >= 0)
                node.Fields[place] = (name, new Node(value));
            else if (!value.IsMissing)
                node.Fields.Add((name, new Node(value)));
            return;
        }
        if (place < 0 && value.IsMissing)
            return;
        if (place < 0)
            node.Fields.Add((name, Inside(Node.NewDocument(), path, at + 1, value)));
        else
            node.Fields[place] = (name, Inside(node.Fields[place].Value, path, at + 1, value));
    }

    /// <summary>Into a document, into each element of an array, or into a new document in place of anything else.</summary>
    static Node Inside(Node node, FieldPath path, int at, BsonValue value)
    {
        if (node.Type == BsonType.Array)
        {
            for (int i = 0; i < node.Fields.Count; i++)
                node.Fields[i] = ("", Inside(node.Fields[i].Value, path, at, value));
            return node;
        }
        var document = node.Type == BsonType.Document ? node : Node.NewDocument();
        Set(document, path, at, value);
        return document;
    }
}
