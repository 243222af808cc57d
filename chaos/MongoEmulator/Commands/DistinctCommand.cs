using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Distinct values of a field, in BSON order; elements of arrays each on their own.</summary>
sealed class DistinctCommand(ServerState state) : Command("distinct")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        string name = arguments.Text("distinct");
        var path = new FieldPath(arguments.Text("key"));
        var plan = new FindPlan(arguments.Document("query") is { } query ? FilterParser.Parse(query.Span) : Filter.Everything) { Hint = arguments.Take("hint") };
        arguments.SimpleCollation().Done();
        SortedSet<BsonValue> distinct = new(Comparer<BsonValue>.Create(static (a, b) => BsonOrder.Compare(a, b)));
        if (state.Catalog.Find(request.Database, name) is { } collection)
        {
            List<BsonValue> found = [];
            collection.Lock.EnterReadLock();
            try
            {
                foreach (byte[] document in FindPlan.All(plan.Open(collection, request.Limit)))
                    path.Collect(document, found);
            }
            finally
            {
                collection.Lock.ExitReadLock();
            }
            distinct.UnionWith(found);
        }
        reply.BeginArray("values");
        foreach (var value in distinct)
            reply.WriteRaw(value.Type, default, value.Span);
        reply.End();
    }
}
