using Chaos.MongoEmulator.Queries;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class GetMoreCommand(ServerState state) : Command("getMore")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        long id = arguments.Number("getMore") ?? throw new CommandException(ErrorCode.TypeMismatch, "Field 'getMore' must be of type long");
        string ns = request.Namespace(arguments.Text("collection"));
        long size = arguments.Count("batchSize", 0);
        arguments.Accept("term", "lastKnownCommittedOpTime").Done();
        if (!request.Limit.IsNone)
            throw new CommandException(ErrorCode.BadValue, "cannot set maxTimeMS on getMore command for a non-awaitData cursor");
        var cursor = state.Cursors.Find(id, ns, request.Session);
        cursor.Limit.Resume();
        reply.BeginDocument("cursor").BeginArray("nextBatch");
        try
        {
            cursor.Fill(reply, size > 0 ? size : long.MaxValue);
        }
        catch
        {
            state.Cursors.Remove(id);
            throw;
        }
        reply.End();
        cursor.Limit.Pause();
        if (cursor.Exhausted)
            state.Cursors.Remove(id);
        reply.Write("id", cursor.Exhausted ? 0 : id).Write("ns", ns).End();
    }
}

sealed class KillCursorsCommand(ServerState state) : Command("killCursors")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        request.Arguments.Text("killCursors");
        var cursors = request.Arguments.Take("cursors");
        request.Arguments.Done();
        if (cursors.Type != BsonType.Array)
            throw new CommandException(ErrorCode.TypeMismatch, "BSON field 'killCursors.cursors' is not an array");
        List<long> killed = [], missing = [];
        var items = new BsonReader(cursors.Span);
        while (items.Read())
            if (items.Type != BsonType.Int64)
                throw new CommandException(ErrorCode.TypeMismatch, $"BSON field 'killCursors.cursors.{items.Name}' is the wrong type '{items.Type.Alias()}', expected type 'long'");
            else
                (state.Cursors.Remove(items.Int64) ? killed : missing).Add(items.Int64);
        foreach (var (name, ids) in new[] { ("cursorsKilled", killed), ("cursorsNotFound", missing), ("cursorsAlive", []), ("cursorsUnknown", []) })
        {
            reply.BeginArray(name);
            foreach (long id in ids)
                reply.Write(default, id);
            reply.End();
        }
    }
}
