using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class InsertCommand(ServerState state) : Command("insert")
{
    public override bool IsRetryableWrite => true;

    protected override void Run(Request request, BsonWriter reply)
    {
        var arguments = request.Arguments;
        string name = arguments.Text("insert");
        var documents = arguments.Documents("documents");
        bool ordered = arguments.Flag("ordered", otherwise: true);
        arguments.Accept("bypassDocumentValidation").Refuse("encryptionInformation", "stmtId", "stmtIds").Done();
        WriteBatch.CheckSize(documents.Count);
        var batch = new WriteBatch();
        int inserted = state.Catalog.Write(request.Database, name, make: true, collection =>
        {
            int count = 0;
            batch.Run(documents.Count, ordered, i =>
            {
                collection!.Insert(NewDocument.Complete(documents[i].Span, state));
                count++;
            });
            return count;
        });
        reply.Write("n", inserted);
        batch.WriteErrors(reply);
    }
}
