using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Updates;

/// <summary>One operator on one path of an update.</summary>
abstract class Modifier(FieldPath path)
{
    public FieldPath Path => path;

    /// <summary>Applied only while an upsert makes a document.</summary>
    public virtual bool OnInsertOnly => false;

    /// <summary>Whether missing documents on the way are made.</summary>
    protected virtual bool Makes => true;

    public void Apply(Node root)
    {
        var node = root;
        for (int i = 0; i < path.Length - 1; i++)
        {
            CheckViable(node, i);
            var child = node[path.Names[i]];
            if (child == null)
            {
                if (!Makes)
                    return;
                child = Node.NewDocument();
                node.Set(path.Names[i], child);
            }
            else if (child.Type is not (BsonType.Document or BsonType.Array))
            {
                if (!Makes)
                    return;
                throw new CommandException(ErrorCode.PathNotViable, $"Cannot create field '{path.Names[i + 1]}' in element {{{path.Names[i]}: {ShellText.Of(child.Value)}}}");
            }
            node = child;
        }
        CheckViable(node, path.Length - 1);
        ApplyTo(node, path.Names[^1]);
    }

    void CheckViable(Node node, int at)
    {
        if (Makes && node.Type == BsonType.Array && path.Ordinal(at) < 0)
            throw new CommandException(ErrorCode.PathNotViable, $"Cannot create field '{path.Names[at]}' in element {{{(at == 0 ? "" : path.Names[at - 1])}: {ShellText.Of(node.Value)}}}");
        if (Makes && node.Type == BsonType.Array && path.Ordinal(at) > node.Fields.Count + MaxPadding)
            throw new CommandException(ErrorCode.BadValue, $"can't backfill more than {MaxPadding} elements");
    }

    const int MaxPadding = 1_500_000;

    protected abstract void ApplyTo(Node parent, string name);
}

sealed class SetModifier(FieldPath path, BsonValue value, bool onInsertOnly = false) : Modifier(path)
{
    public override bool OnInsertOnly => onInsertOnly;

    protected override void ApplyTo(Node parent, string name) => parent.Set(name, new Node(value));
}

/// <summary>Takes a field away; in an array it leaves null, so that the others keep their places.</summary>
sealed class UnsetModifier(FieldPath path) : Modifier(path)
{
    protected override bool Makes => false;

    protected override void ApplyTo(Node parent, string name)
    {
        int at = parent.IndexOf(name);
        if (at < 0)
            return;
        if (parent.Type == BsonType.Array)
            parent.Fields[at] = ("", new Node(BsonValue.Null));
        else
            parent.Fields.RemoveAt(at);
    }
}

sealed class IncrementModifier(FieldPath path, BsonValue by) : Modifier(path)
{
    protected override void ApplyTo(Node parent, string name)
    {
        if (parent[name] is not { } current)
        {
            parent.Set(name, new Node(by));
            return;
        }
        if (!current.Type.IsNumber())
            throw new CommandException(ErrorCode.TypeMismatch, $"Cannot apply $inc to a value of non-numeric type. The field '{name}' is of type {current.Type.Alias()}");
        var sum = Arithmetic.Add(current.Value, by)
            ?? throw new CommandException(ErrorCode.BadValue, $"Failed to apply $inc operations to current value ({ShellText.Of(current.Value)}): it does not fit a long");
        parent.Set(name, new Node(sum));
    }
}

sealed class PushModifier(FieldPath path, IReadOnlyList<BsonValue> values) : Modifier(path)
{
    protected override void ApplyTo(Node parent, string name)
    {
        var array = parent[name];
        if (array == null)
            parent.Set(name, array = Node.NewArray());
        else if (array.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, $"The field '{Path.Text}' must be an array but is of type {array.Type.Alias()}");
        foreach (var value in values)
            array.Fields.Add(("", new Node(value)));
    }
}

/// <summary>Takes away the elements that equal a value, or match a condition.</summary>
sealed class PullModifier(FieldPath path, Func<BsonValue, bool> matches) : Modifier(path)
{
    protected override bool Makes => false;

    protected override void ApplyTo(Node parent, string name)
    {
        if (parent[name] is not { } array)
            return;
        if (array.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, "Cannot apply $pull to a non-array value");
        array.Fields.RemoveAll(f => matches(f.Value.Value));
    }

    /// <summary>A document of operators is a condition on the element itself, another document a query on its fields, anything else a value.</summary>
    public static Func<BsonValue, bool> Condition(in BsonReader reader)
    {
        if (reader.Type == BsonType.RegularExpression)
        {
            var pattern = ConditionParser.Regex(reader.Regex);
            return other => pattern.Matches(other.Type, other.Span);
        }
        if (reader.Type != BsonType.Document)
        {
            var value = BsonValue.CopyOf(reader);
            return other => BsonOrder.Compare(other, value) == 0;
        }
        byte[] condition = reader.Document.ToArray();
        if (!FilterParser.HasOperator(reader))
        {
            var query = FilterParser.Parse(condition);
            return other => other.Type == BsonType.Document && query.Matches(other.Span);
        }
        var operators = ConditionParser.Parse(new FieldPath(""), new BsonReader(condition));
        return other => operators.Holds(other.Type, other.Span);
    }
}
