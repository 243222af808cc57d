using Chaos.MongoEmulator.Queries;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class CountCommand(ServerState state) : Command("count")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        string name = arguments.Text("count");
        var plan = new FindPlan(arguments.Document("query") is { } query ? FilterParser.Parse(query.Span) : Filter.Everything)
        {
            Hint = arguments.Take("hint"),
            Skip = arguments.Count("skip", 0),
            Limit = Math.Abs(arguments.Number("limit") ?? 0),
        };
        arguments.Accept("fields").SimpleCollation().Done();
        long count = 0;
        if (state.Catalog.Find(request.Database, name) is { } collection)
        {
            collection.Lock.EnterReadLock();
            try
            {
                bool all = plan is { Filter: AllOf { Parts.Count: 0 }, Skip: 0, Limit: 0, Hint.IsMissing: true };
                count = all ? collection.Records.Count : FindPlan.All(plan.Open(collection, request.Limit)).LongCount();
            }
            finally
            {
                collection.Lock.ExitReadLock();
            }
        }
        if (count <= int.MaxValue)
            reply.Write("n", (int)count);
        else
            reply.Write("n", count);
    }
}
