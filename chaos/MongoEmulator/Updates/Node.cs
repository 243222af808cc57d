using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Updates;

/// <summary>A value that can be changed. Documents and arrays are opened only where an update reaches into them; the rest stays bytes.</summary>
sealed class Node(BsonValue value)
{
    List<(string Name, Node Value)>? fields;

    public BsonType Type { get; private set; } = value.Type;

    /// <summary>The value as bytes, changes included.</summary>
    public BsonValue Value
    {
        get
        {
            if (fields == null)
                return value;
            var writer = new BsonWriter();
            writer.BeginDocument();
            Write(writer, "v");
            return new(Type, writer.Written[(4 + 1 + 2)..].ToArray());
        }
    }

    public static Node NewDocument() => new(BsonValue.Of(Bson.Make(_ => { })));
    public static Node NewArray() => new(new(BsonType.Array, Bson.Make(_ => { })));

    /// <summary>Children of a document or array, which may be changed in place.</summary>
    public List<(string Name, Node Value)> Fields
    {
        get
        {
            if (fields != null)
                return fields;
            fields = [];
            var reader = new BsonReader(value.Span);
            while (reader.Read())
                fields.Add((reader.Name, new Node(new(reader.Type, value.Bytes.Slice(reader.ValueOffset, reader.Value.Length)))));
            return fields;
        }
    }

    public int IndexOf(string name)
    {
        if (Type != BsonType.Array)
            return Fields.FindIndex(f => f.Name == name);
        return FieldPathOrdinal(name) is var i && i < Fields.Count ? i : -1;
    }

    public static int FieldPathOrdinal(string name) => new FieldPath(name).Ordinal(0);

    public Node? this[string name] => IndexOf(name) is var i and >= 0 ? Fields[i].Value : null;

    /// <summary>Replaces a child, or adds it at the end; an array is filled with null up to a new index.</summary>
    public void Set(string name, Node child)
    {
        int at = IndexOf(name);
        if (at >= 0)
            Fields[at] = (name, child);
        else
        {
            if (Type == BsonType.Array)
                while (Fields.Count < FieldPathOrdinal(name))
                    Fields.Add(("", new Node(BsonValue.Null)));
            Fields.Add((name, child));
        }
    }

    public void Write(BsonWriter writer, ReadOnlySpan<char> name)
    {
        if (fields == null)
        {
            writer.WriteRaw(Type, name, value.Span);
            return;
        }
        if (Type == BsonType.Array)
            writer.BeginArray(name);
        else
            writer.BeginDocument(name);
        foreach (var (child, node) in fields)
            node.Write(writer, child);
        writer.End();
    }

    /// <summary>The whole as a document of its own.</summary>
    public byte[] ToDocument() => fields == null ? value.Bytes.ToArray() : Value.Bytes.ToArray();
}
