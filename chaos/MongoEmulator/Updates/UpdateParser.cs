using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Updates;

/// <summary>Compiles the <c>u</c> of an update: operators, or a document that replaces.</summary>
static class UpdateParser
{
    /// <exception cref="CommandException">FailedToParse: an unknown operator; ConflictingUpdateOperators: two on one path.</exception>
    public static Update Parse(in BsonValue update)
    {
        if (update.Type == BsonType.Array)
            throw new CommandException(ErrorCode.FailedToParse, "this emulator does not know updates by an aggregation pipeline");
        if (update.Type != BsonType.Document)
            throw new CommandException(ErrorCode.FailedToParse, "Update argument must be either an object or an array");
        var reader = new BsonReader(update.Span);
        if (!reader.Read() || reader.NameUtf8.Length == 0 || reader.NameUtf8[0] != '$')
            return new Update(Replacement(update.Span));
        List<Modifier> modifiers = [];
        do
            Operator(reader, modifiers);
        while (reader.Read());
        CheckConflicts(modifiers);
        return new Update(modifiers);
    }

    static byte[] Replacement(ReadOnlySpan<byte> document)
    {
        var reader = new BsonReader(document);
        while (reader.Read())
            if (reader.NameUtf8.Length > 0 && reader.NameUtf8[0] == '$')
                throw new CommandException(ErrorCode.DollarPrefixedFieldName, $"The dollar ($) prefixed field '{reader.Name}' in '{reader.Name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.");
        return document.ToArray();
    }

    static void Operator(in BsonReader reader, List<Modifier> modifiers)
    {
        string name = reader.Name;
        if (name is not ("$set" or "$unset" or "$inc" or "$push" or "$pull" or "$setOnInsert"))
            throw new CommandException(ErrorCode.FailedToParse, name.StartsWith('$')
                ? $"Unknown modifier: {name}. Expected a valid update modifier or pipeline-style update specified as an array"
                : $"Unknown modifier: {name}. Expected a valid update modifier: a document that begins with operators may hold nothing else");
        if (reader.Type != BsonType.Document)
            throw new CommandException(ErrorCode.FailedToParse, $"Modifiers operate on fields but we found type {reader.Type.Alias()} instead. For example: {{$mod: {{<field>: ...}}}} not {{{name}: {ShellText.Of(reader.Type, reader.Value)}}}");
        var fields = reader.Nested();
        while (fields.Read())
            modifiers.Add(Modifier(name, Path(fields.Name), fields));
    }

    static FieldPath Path(string text)
    {
        var path = new FieldPath(text);
        foreach (string name in path.Names)
            if (name.Length == 0)
                throw new CommandException(ErrorCode.EmptyFieldName, text.Length == 0 ? "An empty update path is not valid." : $"The update path '{text}' contains an empty field name, which is not allowed.");
            else if (name == "$" || name.StartsWith("$[", StringComparison.Ordinal))
                throw new CommandException(ErrorCode.BadValue, $"this emulator does not know positional updates, asked for '{text}'");
            else if (name[0] == '$')
                throw new CommandException(ErrorCode.DollarPrefixedFieldName, $"The dollar ($) prefixed field '{name}' in '{text}' is not valid for storage.");
        return path;
    }

    static Modifier Modifier(string name, FieldPath path, in BsonReader reader) => name switch
    {
        "$set" => new SetModifier(path, BsonValue.CopyOf(reader)),
        "$setOnInsert" => new SetModifier(path, BsonValue.CopyOf(reader), onInsertOnly: true),
        "$unset" => new UnsetModifier(path),
        "$inc" => new IncrementModifier(path, reader.Type.IsNumber()
            ? BsonValue.CopyOf(reader)
            : throw new CommandException(ErrorCode.TypeMismatch, $"Cannot increment with non-numeric argument: {{{path.Text}: {ShellText.Of(reader.Type, reader.Value)}}}")),
        "$push" => new PushModifier(path, Pushed(reader)),
        _ => new PullModifier(path, PullModifier.Condition(reader)),
    };

    static List<BsonValue> Pushed(in BsonReader reader)
    {
        if (reader.Type != BsonType.Document)
            return [BsonValue.CopyOf(reader)];
        var clauses = reader.Nested();
        if (!Bson.Find(ref clauses, "$each"u8))
            return [BsonValue.CopyOf(reader)];
        if (clauses.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, $"The argument to $each in $push must be an array but it was of type: {clauses.Type.Alias()}");
        List<BsonValue> values = [];
        var items = clauses.Nested();
        while (items.Read())
            values.Add(BsonValue.CopyOf(items));
        clauses = reader.Nested();
        while (clauses.Read())
            if (clauses.Name != "$each")
                throw new CommandException(ErrorCode.BadValue, $"Unrecognized clause in $push: {clauses.Name}");
        return values;
    }

    static void CheckConflicts(List<Modifier> modifiers)
    {
        var paths = modifiers.Select(m => m.Path.Text).Order(StringComparer.Ordinal).ToArray();
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string path in paths.OrderBy(p => p.Length))
        {
            for (int dot = path.IndexOf('.'); dot >= 0; dot = path.IndexOf('.', dot + 1))
                if (seen.Contains(path[..dot]))
                    throw new CommandException(ErrorCode.ConflictingUpdateOperators, $"Updating the path '{path}' would create a conflict at '{path[..dot]}'");
            if (!seen.Add(path))
                throw new CommandException(ErrorCode.ConflictingUpdateOperators, $"Updating the path '{path}' would create a conflict at '{path}'");
        }
    }
}
