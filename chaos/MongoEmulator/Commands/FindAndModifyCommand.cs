using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Updates;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Changes or removes the first document that matches, and answers with it as it was or as it became.</summary>
sealed class FindAndModifyCommand(ServerState state) : Command("findAndModify", "findandmodify")
{
    public override bool IsRetryableWrite => true;

    sealed record Statement(ReadOnlyMemory<byte> Query, FindPlan Plan, Update? Update, bool Upsert, bool New);

    sealed record Outcome(byte[]? Found, byte[]? Made);

    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        string name = arguments.Text(arguments.Name);
        var projection = arguments.Document("fields") is { } fields ? Projection.Parse(fields.Span) : null;
        var statement = Parse(arguments);
        var outcome = state.Catalog.Write(request.Database, name, statement.Upsert, collection => collection == null ? new(null, null) : Apply(collection, statement, request.Limit));
        Answer(reply, statement, outcome, projection);
    }

    static Statement Parse(Arguments arguments)
    {
        var query = arguments.Document("query") ?? Bson.Make(static _ => { });
        var plan = new FindPlan(FilterParser.Parse(query.Span))
        {
            Sort = arguments.Document("sort") is { } sort ? SortOrder.Parse(sort.Span) : new SortOrder(),
            Hint = arguments.Take("hint"),
            Limit = 1,
        };
        var update = arguments.Take("update");
        var (remove, upsert, after) = (arguments.Flag("remove"), arguments.Flag("upsert"), arguments.Flag("new"));
        arguments.Accept("bypassDocumentValidation").SimpleCollation().Refuse("arrayFilters", "let").Done();
        if (remove == !update.IsMissing)
            throw new CommandException(ErrorCode.FailedToParse, remove ? "Cannot specify both an update and remove=true" : "Either an update or remove=true must be specified");
        if (remove && (upsert || after))
            throw new CommandException(ErrorCode.FailedToParse, upsert ? "Cannot specify both upsert=true and remove=true" : "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
        return new Statement(query, plan, remove ? null : UpdateParser.Parse(update), upsert, after);
    }

    Outcome Apply(Collection collection, Statement statement, TimeLimit limit)
    {
        byte[]? found = FindPlan.All(statement.Plan.Open(collection, limit)).FirstOrDefault();
        if (statement.Update == null)
        {
            if (found != null)
                collection.Remove(found);
            return new(found, null);
        }
        if (found != null)
            return new(found, UpdateCommand.Change(collection, statement.Update, found));
        return statement.Upsert ? new(null, UpdateCommand.Upsert(collection, statement.Query, statement.Update, state)) : new(null, null);
    }

    static void Answer(BsonWriter reply, Statement statement, Outcome outcome, Projection? projection)
    {
        reply.BeginDocument("lastErrorObject").Write("n", outcome is { Found: null, Made: null } ? 0 : 1);
        if (statement.Update != null)
            reply.Write("updatedExisting", outcome.Found != null);
        if (outcome is { Found: null, Made: { } made } && IdKey.ValueOf(made) is var id)
            reply.WriteRaw(id.Type, "upserted", id.Span);
        reply.End();
        if ((statement.New ? outcome.Made : outcome.Found) is { } shown)
            reply.WriteDocument("value", projection == null ? shown : projection.Apply(shown));
        else
            reply.WriteNull("value");
    }
}
