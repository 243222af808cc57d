using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Storage;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class DeleteCommand(ServerState state) : Command("delete")
{
    public override bool IsRetryableWrite => true;

    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        string name = arguments.Text("delete");
        var deletes = arguments.Documents("deletes");
        bool ordered = arguments.Flag("ordered", otherwise: true);
        arguments.Refuse("let").Done();
        WriteBatch.CheckSize(deletes.Count);
        int deleted = 0;
        var batch = new WriteBatch();
        batch.Run(deletes.Count, ordered, i =>
        {
            var plan = Parse(deletes[i]);
            deleted += state.Catalog.Write(request.Database, name, make: false, collection => collection == null ? 0 : Delete(collection, plan, request.Limit));
        });
        reply.Write("n", deleted);
        batch.WriteErrors(reply);
    }

    static FindPlan Parse(ReadOnlyMemory<byte> document)
    {
        var fields = new Arguments(document, "delete.deletes");
        var query = fields.Document("q") ?? throw new CommandException(ErrorCode.MissingField, "BSON field 'delete.deletes.q' is missing but a required field");
        long limit = fields.Number("limit") ?? throw new CommandException(ErrorCode.MissingField, "BSON field 'delete.deletes.limit' is missing but a required field");
        var hint = fields.Take("hint");
        fields.SimpleCollation().Done();
        return limit is 0 or 1
            ? new FindPlan(FilterParser.Parse(query.Span)) { Hint = hint, Limit = limit }
            : throw new CommandException(ErrorCode.FailedToParse, $"The limit field in delete objects must be 0 or 1. Got {limit}");
    }

    static int Delete(Collection collection, FindPlan plan, TimeLimit limit)
    {
        var found = FindPlan.All(plan.Open(collection, limit)).ToList();
        foreach (byte[] document in found)
            collection.Remove(document);
        return found.Count;
    }
}
