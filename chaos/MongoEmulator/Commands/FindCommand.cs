using Chaos.MongoEmulator.Queries;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class FindCommand(ServerState state) : Command("find")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        string name = arguments.Text("find");
        string ns = request.Namespace(name);
        var plan = new FindPlan(arguments.Document("filter") is { } filter ? FilterParser.Parse(filter.Span) : Filter.Everything)
        {
            Sort = arguments.Document("sort") is { } sort ? SortOrder.Parse(sort.Span) : new SortOrder(),
            Hint = arguments.Take("hint"),
            Min = NotEmpty(arguments.Document("min")),
            Max = NotEmpty(arguments.Document("max")),
            Skip = arguments.Count("skip", 0),
            Limit = arguments.Count("limit", 0),
        };
        var projection = arguments.Document("projection") is { } fields ? Projection.Parse(fields.Span) : null;
        long batchSize = arguments.Count("batchSize", CursorReply.DefaultFirstBatch);
        bool single = arguments.Flag("singleBatch");
        bool keepAlive = arguments.Flag("noCursorTimeout");
        arguments.Accept("allowDiskUse", "allowPartialResults")
            .SimpleCollation().Refuse("let", "returnKey", "showRecordId", "tailable", "awaitData", "oplogReplay", "readOnce").Done();
        if (state.Catalog.Find(request.Database, name) is not { } collection)
        {
            CursorReply.Listed(state, request, reply, ns, [], batchSize: 1);
            return;
        }
        Scan scan;
        collection.Lock.EnterReadLock();
        try
        {
            scan = plan.Open(collection, request.Limit);
        }
        finally
        {
            collection.Lock.ExitReadLock();
        }
        CursorReply.First(state, reply, new Cursor(ns, collection, scan, projection) { KeepAlive = keepAlive, Session = request.Session, Limit = request.Limit }, batchSize, single);
    }

    static ReadOnlyMemory<byte>? NotEmpty(ReadOnlyMemory<byte>? document) =>
        document is { Length: > BsonReader.SmallestDocument } ? document : null;
}
