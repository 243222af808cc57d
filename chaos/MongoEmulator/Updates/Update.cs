using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Updates;

/// <summary>What an update does to a document: replaces it, or applies modifiers in the order of their paths.</summary>
sealed class Update
{
    readonly byte[]? replacement;
    readonly IReadOnlyList<Modifier> modifiers;

    public Update(byte[] replacement) => (this.replacement, modifiers) = (replacement, []);

    public Update(IEnumerable<Modifier> modifiers) => this.modifiers = [.. modifiers.OrderBy(m => m.Path.Text, StringComparer.Ordinal)];

    public bool IsReplacement => replacement != null;

    /// <summary>The document after the update; the same bytes when nothing changes.</summary>
    /// <exception cref="CommandException">ImmutableField, when the _id would change; whatever a modifier refuses.</exception>
    public byte[] Apply(byte[] document)
    {
        var id = Storage.IdKey.ValueOf(document);
        if (replacement != null)
            return WithId(replacement, id);
        var root = new Node(BsonValue.Of(document));
        foreach (var modifier in modifiers)
            if (!modifier.OnInsertOnly)
                modifier.Apply(root);
        byte[] after = root.ToDocument();
        CheckId(after, id);
        return after;
    }

    /// <summary>The document that an upsert inserts, without an _id when neither query nor update gives one.</summary>
    public byte[] Make(Node fromQuery)
    {
        var id = fromQuery["_id"]?.Value;
        if (replacement != null)
            return id is { } known ? WithId(replacement, known) : replacement;
        foreach (var modifier in modifiers)
            modifier.Apply(fromQuery);
        byte[] made = fromQuery.ToDocument();
        if (id is { } given)
            CheckId(made, given);
        return made;
    }

    static byte[] WithId(byte[] replacement, BsonValue id)
    {
        CheckId(replacement, id, mayLack: true);
        return Bson.Make(w =>
        {
            w.WriteRaw(id.Type, "_id", id.Span);
            var reader = new BsonReader(replacement);
            while (reader.Read())
                if (!reader.NameUtf8.SequenceEqual("_id"u8))
                    w.WriteElement(reader);
        });
    }

    static void CheckId(byte[] document, BsonValue id, bool mayLack = false)
    {
        var reader = new BsonReader(document);
        bool found = Bson.Find(ref reader, "_id"u8);
        if (!found && !mayLack)
            throw new CommandException(ErrorCode.ImmutableField, "Performing an update on the path '_id' would modify the immutable field '_id'");
        if (found && BsonOrder.Compare(reader.Type, reader.Value, id.Type, id.Span) != 0)
            throw mayLack
                ? new CommandException(ErrorCode.ImmutableField, $"After applying the update, the (immutable) field '_id' was found to have been altered to _id: {ShellText.Of(reader.Type, reader.Value)}")
                : new CommandException(ErrorCode.ImmutableField, "Performing an update on the path '_id' would modify the immutable field '_id'");
    }
}
