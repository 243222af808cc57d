using System.Globalization;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Indexes are kept and listed. What one would enforce (unique, a lifetime) is refused until it is.</summary>
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
        if (key.Length == BsonReader.SmallestDocument)
            throw new CommandException(ErrorCode.CannotCreateIndex, "Index keys cannot be empty.");
        var reader = new BsonReader(key.Span);
        while (reader.Read())
            if (!reader.Type.IsNumber() || !BsonValue.CopyOf(reader).IsTrue)
                throw new CommandException(ErrorCode.CannotCreateIndex, $"this emulator keeps ascending and descending indexes only, not '{reader.Name}: {ShellText.Of(reader.Type, reader.Value)}'");
        var spec = IndexSpec.Make(name, key.ToArray());
        if (fields.Take("unique").IsTrue && !spec.SameKey(IndexSpec.Id.Key))
            throw new CommandException(ErrorCode.CannotCreateIndex, $"this emulator does not enforce unique indexes yet, asked for by '{name}'");
        foreach (string option in (ReadOnlySpan<string>)["sparse", "expireAfterSeconds", "partialFilterExpression", "collation", "wildcardProjection", "hidden", "clustered"])
            if (fields.Take(option) is { IsMissing: false } value && (value.IsTrue || option == "expireAfterSeconds"))
                throw new CommandException(ErrorCode.CannotCreateIndex, $"this emulator does not know indexes with '{option}', asked for by '{name}'");
        fields.Accept("v", "background", "ns").Done();
        return spec.SameKey(IndexSpec.Id.Key) ? IndexSpec.Id : spec;
    }

    static (int Before, int After) Add(Collection collection, List<IndexSpec> wanted)
    {
        int before = collection.Indexes.Count;
        foreach (var index in wanted)
        {
            var other = collection.Indexes.Find(i => i.Name == index.Name || i.SameKey(index.Key));
            if (other == null)
                collection.Indexes.Add(index);
            else if (!other.SameKey(index.Key))
                throw new CommandException(ErrorCode.IndexKeySpecsConflict, $"An existing index has the same name as the requested index. Requested index: {ShellText.Of(BsonValue.Of(index.Document))}, existing index: {ShellText.Of(BsonValue.Of(other.Document))}");
            else if (other.Name != index.Name)
                throw new CommandException(ErrorCode.IndexOptionsConflict, $"Index already exists with a different name: {other.Name}");
        }
        if (collection.Indexes.Count > before)
            collection.Describe();
        return (before, collection.Indexes.Count);
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
        if (index.Type == BsonType.String && index.Text == "*")
            collection.Indexes.RemoveAll(i => i.Name != IndexSpec.IdName);
        else
        {
            var found = collection.Indexes.Find(i => index.Type == BsonType.String ? i.Name == index.Text : index.Type == BsonType.Document && i.SameKey(index.Span))
                ?? throw new CommandException(ErrorCode.IndexNotFound, $"index not found with name or key [{ShellText.Of(index)}]");
            if (found.Name == IndexSpec.IdName)
                throw new CommandException(ErrorCode.InvalidOptions, "cannot drop _id index");
            collection.Indexes.Remove(found);
        }
        if (collection.Indexes.Count < before)
            collection.Describe();
        return before;
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
            ?? throw new CommandException(ErrorCode.NamespaceNotFound, $"ns does not exist: {string.Create(CultureInfo.InvariantCulture, $"{request.Database}.{name}")}");
        CursorReply.Listed(state, request, reply, request.Namespace(name), [.. collection.Indexes.ToArray().Select(i => i.Document)], batchSize);
    }
}
