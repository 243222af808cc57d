using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Updates;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class UpdateCommand(ServerState state) : Command("update")
{
    public override bool IsRetryableWrite => true;

    sealed record Statement(ReadOnlyMemory<byte> Query, Filter Filter, Update Update, bool Upsert, bool Multi, BsonValue Hint);

    sealed class Outcome
    {
        public int Matched, Modified;
        public List<(int Index, BsonValue Id)> Upserted { get; } = [];
    }

    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        string name = arguments.Text("update");
        var updates = arguments.Documents("updates");
        bool ordered = arguments.Flag("ordered", otherwise: true);
        arguments.Accept("bypassDocumentValidation").Refuse("let").Done();
        WriteBatch.CheckSize(updates.Count);
        var outcome = new Outcome();
        var batch = new WriteBatch();
        batch.Run(updates.Count, ordered, i =>
        {
            var statement = Parse(updates[i]);
            state.Catalog.Write(request.Database, name, statement.Upsert, collection => collection == null || Apply(collection, statement, outcome, i, request.Limit));
        });
        reply.Write("n", outcome.Matched + outcome.Upserted.Count).Write("nModified", outcome.Modified);
        if (outcome.Upserted.Count > 0)
        {
            reply.BeginArray("upserted");
            foreach (var (index, id) in outcome.Upserted)
                reply.BeginDocument().Write("index", index).WriteRaw(id.Type, "_id", id.Span).End();
            reply.End();
        }
        batch.WriteErrors(reply);
    }

    static Statement Parse(ReadOnlyMemory<byte> document)
    {
        var fields = new Arguments(document, "update.updates");
        var query = fields.Document("q") ?? throw new CommandException(ErrorCode.MissingField, "BSON field 'update.updates.q' is missing but a required field");
        var update = fields.Take("u");
        if (update.IsMissing)
            throw new CommandException(ErrorCode.MissingField, "BSON field 'update.updates.u' is missing but a required field");
        var (upsert, multi, hint) = (fields.Flag("upsert"), fields.Flag("multi"), fields.Take("hint"));
        fields.SimpleCollation().Refuse("arrayFilters", "c").Done();
        var statement = new Statement(query, FilterParser.Parse(query.Span), UpdateParser.Parse(update), upsert, multi, hint);
        return statement is { Multi: true, Update.IsReplacement: true }
            ? throw new CommandException(ErrorCode.FailedToParse, "multi update is not supported for replacement-style update")
            : statement;
    }

    bool Apply(Collection collection, Statement statement, Outcome outcome, int index, TimeLimit limit)
    {
        var plan = new FindPlan(statement.Filter) { Hint = statement.Hint, Limit = statement.Multi ? 0 : 1 };
        var found = FindPlan.All(plan.Open(collection, limit)).ToList();
        foreach (byte[] document in found)
        {
            byte[] after = statement.Update.Apply(document);
            if (after.Length > Bson.MaxDocumentSize)
                throw new CommandException(ErrorCode.TooLargeAfterUpdate, $"Resulting document after update is larger than {Bson.MaxDocumentSize}");
            DocumentShape.Check(after);
            outcome.Matched++;
            if (after.AsSpan().SequenceEqual(document))
                continue;
            collection.Replace(document, after);
            outcome.Modified++;
        }
        if (found.Count == 0 && statement.Upsert)
            outcome.Upserted.Add((index, Upsert(collection, statement)));
        return true;
    }

    BsonValue Upsert(Collection collection, Statement statement)
    {
        var seed = UpsertSeed.From(statement.Query.Span, idOnly: statement.Update.IsReplacement);
        byte[] made = NewDocument.Complete(statement.Update.Make(seed), state);
        DocumentShape.Check(made);
        collection.Insert(made);
        return IdKey.ValueOf(made);
    }
}
