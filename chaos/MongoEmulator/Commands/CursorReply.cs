using Chaos.MongoEmulator.Queries;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Writes <c>cursor: {firstBatch, id, ns}</c>, keeping the cursor open while more is to come.</summary>
static class CursorReply
{
    /// <summary>What a first batch holds when the client names no size.</summary>
    public const long DefaultFirstBatch = 101;

    public static void First(ServerState state, BsonWriter reply, Cursor cursor, long batchSize, bool single = false)
    {
        reply.BeginDocument("cursor").BeginArray("firstBatch");
        cursor.Fill(reply, batchSize);
        reply.End();
        if (!cursor.Exhausted && !single)
        {
            cursor.Limit.Pause();
            state.Cursors.Add(cursor);
        }
        reply.Write("id", cursor.Id).Write("ns", cursor.Namespace).End();
    }

    public static void Listed(ServerState state, Request request, BsonWriter reply, string @namespace, IReadOnlyList<byte[]> documents, long batchSize) =>
        First(state, reply, new Cursor(@namespace, null, new ListScan(documents), null) { Session = request.Session }, batchSize);

    /// <summary>The batchSize of a command's <c>cursor</c> document.</summary>
    public static long BatchSize(Arguments arguments, long otherwise)
    {
        if (arguments.Document("cursor") is not { } cursor)
            return otherwise;
        var fields = new Arguments(cursor, $"{arguments.Name}.cursor");
        long size = fields.Count("batchSize", otherwise);
        fields.Done();
        return size;
    }
}
