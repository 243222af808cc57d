using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Unique indexes are enforced, the others kept and listed; what one would do besides (a lifetime, a collation) is refused.</summary>
sealed class CreateIndexesCommand(ServerState state) : Command("createIndexes")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        string name = request.Arguments.Text("createIndexes");
        var wanted = request.Arguments.Documents("indexes").Select(Parse).ToList();
        request.Arguments.Accept("commitQuorum", "ignoreUnknownIndexOptions").Done();
        if (wanted.Count == 0)
            throw new CommandException(ErrorCode.BadValue, "Must specify at least one index to create");
        bool made = state.Catalog.Find(request.Database, name) == null;
        var (before, after) = state.Catalog.Write(request.Database, name, make: true, collection => Add(collection!, wanted));
        reply.Write("numIndexesBefore", before).Write("numIndexesAfter", after).Write("createdCollectionAutomatically", made);
        if (before == after)
            reply.Write("note", "all indexes already exist");
    }

    static IndexSpec Parse(ReadOnlyMemory<byte> document)
    {
        var fields = new Arguments(document, "createIndexes.indexes");
        var key = fields.Document("key") ?? throw new CommandException(ErrorCode.FailedToParse, "The 'key' field is a required property of an index specification");
        string name = fields.OptionalText("name") ?? throw new CommandException(ErrorCode.FailedToParse, "The 'name' field is a required property of an index specification");
        CheckKey(key.Span);
        var (unique, sparse) = (fields.Flag("unique"), fields.Flag("sparse"));
        byte[]? partial = fields.Document("partialFilterExpression")?.ToArray();
        if (partial != null)
            FilterParser.Parse(partial);
        if (partial != null && sparse)
            throw new CommandException(ErrorCode.CannotCreateIndex, "cannot mix \"partialFilterExpression\" and \"sparse\" options");
        foreach (string option in (ReadOnlySpan<string>)["expireAfterSeconds", "wildcardProjection", "hidden", "clustered", "prepareUnique"])
            if (fields.Take(option) is { IsMissing: false } value && (value.IsTrue || option == "expireAfterSeconds"))
                throw new CommandException(ErrorCode.CannotCreateIndex, $"this emulator does not know indexes with '{option}', asked for by '{name}'");
        fields.SimpleCollation().Accept("v", "background", "ns");
        if (fields.Left is { } other)
            throw new CommandException(ErrorCode.InvalidIndexSpecificationOption, $"The field '{other}' is not valid for an index specification. Specification: {ShellText.Of(BsonType.Document, document.Span)}");
        if (!IndexSpec.Id.SameKey(key.Span))
            return IndexSpec.Make(name, key.ToArray(), unique, sparse, partial);
        return unique || sparse || partial != null
            ? throw new CommandException(ErrorCode.InvalidIndexSpecificationOption, $"The field '{(unique ? "unique" : sparse ? "sparse" : "partialFilterExpression")}' is not valid for an _id index specification. Specification: {ShellText.Of(BsonType.Document, document.Span)}")
            : IndexSpec.Id;
    }

    static void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length == BsonReader.SmallestDocument)
            throw new CommandException(ErrorCode.CannotCreateIndex, "Index keys cannot be empty.");
        var reader = new BsonReader(key);
        while (reader.Read())
            if (!reader.Type.IsNumber())
                throw new CommandException(ErrorCode.CannotCreateIndex, $"this emulator keeps ascending and descending indexes only, not '{reader.Name}: {ShellText.Of(reader.Type, reader.Value)}'");
            else if (!BsonValue.CopyOf(reader).IsTrue)
                throw new CommandException(ErrorCode.CannotCreateIndex, "Values in the index key pattern cannot be 0.");
            else if (reader.NameUtf8.Length == 0 || reader.Name.Split('.').Any(part => part.Length == 0 || part[0] == '$' && part is not ("$ref" or "$id" or "$db")) || reader.Name.Contains("$**", StringComparison.Ordinal))
                throw new CommandException(ErrorCode.CannotCreateIndex, $"this emulator cannot index the field '{reader.Name}'");
    }

    (int Before, int After) Add(Collection collection, List<IndexSpec> wanted)
    {
        List<IndexSpec> indexes = [.. collection.Indexes];
        foreach (var index in wanted)
        {
            var other = indexes.Find(i => i.Name == index.Name) ?? indexes.Find(i => i.SameKey(index.Key));
            if (other == null)
                indexes.Add(index);
            else if (other.Name != index.Name)
                throw new CommandException(ErrorCode.IndexOptionsConflict, $"Index already exists with a different name: {other.Name}");
            else if (!other.SameKey(index.Key))
                throw new CommandException(ErrorCode.IndexKeySpecsConflict, $"An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. {Both(index, other)}");
            else if (!other.SameAs(index))
                throw new CommandException(ErrorCode.IndexOptionsConflict, $"An equivalent index already exists with the same name but different options. {Both(index, other)}");
        }
        int before = collection.Indexes.Count;
        if (indexes.Count > before)
        {
            Build(collection, indexes);
            collection.Describe();
        }
        return (before, collection.Indexes.Count);
    }

    static string Both(IndexSpec requested, IndexSpec existing) =>
        $"Requested index: {ShellText.Of(BsonValue.Of(requested.Document))}, existing index: {ShellText.Of(BsonValue.Of(existing.Document))}";

    void Build(Collection collection, List<IndexSpec> indexes)
    {
        try
        {
            collection.SetIndexes(indexes);
        }
        catch (CommandException e)
        {
            string build = state.NewUuid().ToString();
            throw new CommandException(e.Code, $"Index build failed: {build}: Collection {collection.Namespace} ( {collection.Uuid} ) :: caused by :: {e.Message}") { Details = e.Details };
        }
    }
}

sealed class DropIndexesCommand(ServerState state) : Command("dropIndexes", "deleteIndexes")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        string name = request.Arguments.Text(request.Arguments.Name);
        var index = request.Arguments.Take("index");
        request.Arguments.Done();
        int before = state.Catalog.Write(request.Database, name, make: false, collection => Drop(collection, index));
        reply.Write("nIndexesWas", before);
    }

    static int Drop(Collection? collection, BsonValue index)
    {
        if (collection == null)
            throw new CommandException(ErrorCode.NamespaceNotFound, "ns not found");
        int before = collection.Indexes.Count;
        var dropped = Named(collection, index);
        if (dropped.Count > 0)
        {
            collection.SetIndexes([.. collection.Indexes.Except(dropped)]);
            collection.Describe();
        }
        return before;
    }

    static List<IndexSpec> Named(Collection collection, BsonValue index)
    {
        if (index is { Type: BsonType.String, Text: "*" })
            return [.. collection.Indexes.Where(i => i.Name != IndexSpec.IdName)];
        if (index.Type == BsonType.Array)
        {
            List<IndexSpec> all = [];
            var names = new BsonReader(index.Span);
            while (names.Read())
                all.Add(One(collection, names.Type == BsonType.String ? BsonValue.CopyOf(names) : BsonValue.Missing));
            return all;
        }
        return [One(collection, index)];
    }

    static IndexSpec One(Collection collection, BsonValue index)
    {
        var found = index.Type switch
        {
            BsonType.String => collection.Indexes.FirstOrDefault(i => i.Name == index.Text)
                ?? throw new CommandException(ErrorCode.IndexNotFound, $"index not found with name [{index.Text}]"),
            BsonType.Document => collection.Indexes.FirstOrDefault(i => i.SameKey(index.Span))
                ?? throw new CommandException(ErrorCode.IndexNotFound, $"can't find index with key: {ShellText.Of(index)}"),
            _ => throw new CommandException(ErrorCode.TypeMismatch, "BSON field 'dropIndexes.index' is the wrong type, expected types '[string, array, object]'"),
        };
        return found.Name == IndexSpec.IdName ? throw new CommandException(ErrorCode.InvalidOptions, "cannot drop _id index") : found;
    }
}

sealed class ListIndexesCommand(ServerState state) : Command("listIndexes")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        string name = request.Arguments.Text("listIndexes");
        long batchSize = CursorReply.BatchSize(request.Arguments, long.MaxValue);
        request.Arguments.Done();
        var collection = state.Catalog.Find(request.Database, name)
            ?? throw new CommandException(ErrorCode.NamespaceNotFound, $"ns does not exist: {request.Namespace(name)}");
        CursorReply.Listed(state, request, reply, request.Namespace(name), [.. collection.Indexes.Select(i => i.Document)], batchSize);
    }
}
