using Chaos.MongoEmulator.Aggregation;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class AggregateCommand(ServerState state) : Command("aggregate")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        var target = arguments.Take("aggregate");
        var stages = Parse(arguments.Take("pipeline"));
        var hint = arguments.Take("hint");
        if (arguments.Flag("explain"))
            throw new CommandException(ErrorCode.BadValue, "this emulator does not explain");
        long batchSize = CursorReply.BatchSize(arguments, -1);
        if (batchSize < 0)
            batchSize = CursorReply.DefaultFirstBatch;
        arguments.Accept("allowDiskUse", "bypassDocumentValidation").SimpleCollation().Refuse("let").Done();
        if (target.Type != BsonType.String)
            throw new CommandException(ErrorCode.FailedToParse, "this emulator aggregates over collections only");
        CursorReply.Listed(state, request, reply, request.Namespace(target.Text), Run(request, target.Text, stages, hint), batchSize);
    }

    static List<Stage> Parse(in BsonValue pipeline)
    {
        if (pipeline.Type != BsonType.Array)
            throw new CommandException(ErrorCode.TypeMismatch, "'pipeline' option must be specified as an array");
        List<Stage> stages = [];
        var items = new BsonReader(pipeline.Span);
        while (items.Read())
        {
            if (items.Type != BsonType.Document)
                throw new CommandException(ErrorCode.TypeMismatch, "Each element of the 'pipeline' array must be an object");
            var stage = items.Nested();
            if (!stage.Read())
                throw new CommandException((ErrorCode)40323, "A pipeline stage specification object must contain exactly one field.");
            stages.Add(Stage.Parse(stage));
            if (stage.Read())
                throw new CommandException((ErrorCode)40323, "A pipeline stage specification object must contain exactly one field.");
        }
        return stages;
    }

    List<byte[]> Run(Request request, string name, List<Stage> stages, BsonValue hint)
    {
        var collection = state.Catalog.Find(request.Database, name);
        if (collection == null)
            return Through(stages, []);
        var first = stages is [MatchStage match, ..] ? match.Filter : Filter.Everything;
        collection.Lock.EnterReadLock();
        try
        {
            return Through(stages, FindPlan.All(new FindPlan(first) { Hint = hint }.Open(collection, request.Limit)));
        }
        finally
        {
            collection.Lock.ExitReadLock();
        }
    }

    static List<byte[]> Through(IEnumerable<Stage> stages, IEnumerable<byte[]> documents) =>
        [.. stages.Aggregate(documents, (input, stage) => stage.Run(input))];
}
