using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Storage;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class CreateCommand(ServerState state) : Command("create")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        string name = request.Arguments.Text("create");
        request.Arguments.SimpleCollation().Refuse("capped", "size", "max", "validator", "validationLevel", "validationAction", "viewOn", "pipeline",
            "timeseries", "expireAfterSeconds", "clusteredIndex", "indexOptionDefaults", "storageEngine", "changeStreamPreAndPostImages", "autoIndexId", "encryptedFields").Done();
        state.Catalog.FindOrMake(request.Database, name, out bool made);
        if (!made)
            throw new CommandException(ErrorCode.NamespaceExists, $"Collection {request.Namespace(name)} already exists.");
    }
}

sealed class DropCommand(ServerState state) : Command("drop")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        string name = request.Arguments.Text("drop");
        request.Arguments.Done();
        int indexes = state.Catalog.Find(request.Database, name)?.Indexes.Count ?? 0;
        if (!state.Catalog.Drop(request.Database, name))
            throw new CommandException(ErrorCode.NamespaceNotFound, "ns not found");
        reply.Write("nIndexesWas", indexes).Write("ns", request.Namespace(name));
    }
}

sealed class DropDatabaseCommand(ServerState state) : Command("dropDatabase")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        request.Arguments.Accept("dropDatabase").Done();
        bool any = false;
        foreach (var collection in state.Catalog.In(request.Database).ToList())
            any |= state.Catalog.Drop(request.Database, collection.Name);
        if (any)
            reply.Write("dropped", request.Database);
    }
}

sealed class ListCollectionsCommand(ServerState state) : Command("listCollections")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments.Accept("listCollections", "authorizedCollections");
        var filter = arguments.Document("filter") is { } query ? FilterParser.Parse(query.Span) : Filter.Everything;
        bool namesOnly = arguments.Flag("nameOnly");
        long batchSize = CursorReply.BatchSize(arguments, long.MaxValue);
        arguments.Done();
        var listed = state.Catalog.In(request.Database).Where(c => filter.Matches(Describe(c, false))).Select(c => Describe(c, namesOnly)).ToList();
        CursorReply.Listed(state, request, reply, $"{request.Database}.$cmd.listCollections", listed, batchSize);
    }

    static byte[] Describe(Collection collection, bool nameOnly) => Bson.Make(w =>
    {
        w.Write("name", collection.Name).Write("type", "collection");
        if (!nameOnly)
            w.BeginDocument("options").End()
                .BeginDocument("info").Write("readOnly", false).WriteBinary("uuid", collection.Uuid.ToByteArray(bigEndian: true), 4).End()
                .WriteDocument("idIndex", IndexSpec.Id.Document);
    });
}

sealed class ListDatabasesCommand(ServerState state) : Command("listDatabases")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments.Accept("listDatabases", "authorizedDatabases");
        var filter = arguments.Document("filter") is { } query ? FilterParser.Parse(query.Span) : Filter.Everything;
        bool namesOnly = arguments.Flag("nameOnly");
        arguments.Done();
        long total = 0;
        reply.BeginArray("databases");
        foreach (string name in state.Catalog.Databases)
        {
            long size = state.Catalog.In(name).Sum(c => c.Records.Bytes);
            byte[] full = Bson.Make(w => w.Write("name", name).Write("sizeOnDisk", size).Write("empty", false));
            if (!filter.Matches(full))
                continue;
            total += size;
            reply.WriteDocument(default, namesOnly ? Bson.Make(w => w.Write("name", name)) : full);
        }
        reply.End();
        if (!namesOnly)
            reply.Write("totalSize", total).Write("totalSizeMb", total >> 20);
    }
}
