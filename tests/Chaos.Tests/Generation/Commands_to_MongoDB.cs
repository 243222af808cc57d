using Chaos.Generation;
using Etl.Documents;
using Etl.Sources.Mongo;

namespace Chaos.Tests.Generation;

public sealed class Commands_to_MongoDB
{
    static byte[] Document(int size) => Bson.Make(document => document.Write("text", new string('x', size)));

    static int Items(byte[] command) => Json.Of(command).Last().Value!.AsArray().Count;

    [Fact]
    public void Carry_at_most_a_thousand_documents()
    {
        var commands = MongoDocumentSink.InsertCommands("users", [.. Enumerable.Repeat(Document(10), 2_001)]).ToList();
        Assert.Equal([1_000, 1_000, 1], commands.Select(Items));
        Assert.All(commands, command => Bson.Validate(command));
    }

    [Fact]
    public void Carry_at_most_eight_megabytes()
    {
        var commands = MongoDocumentSink.InsertCommands("users", [.. Enumerable.Repeat(Document(3_000_000), 5)]).ToList();
        Assert.Equal([2, 2, 1], commands.Select(Items));
    }

    [Fact]
    public void Carry_an_update_for_each_document()
    {
        var id = Convert.FromHexString("0102030405060708090a0b0c");
        var change = Bson.Make(update => update.BeginDocument("$set").Write("a", 1).End());
        Assert.Equal(
            """{"update":"users","ordered":true,"updates":[{"q":{"_id":{"$oid":"0102030405060708090a0b0c"}},"u":{"$set":{"a":1}}}]}""",
            ExtendedJson.ToString(Assert.Single(MongoDocumentSink.UpdateCommands("users", [new(id, change)]))));
    }

    [Fact]
    public void Fail_with_the_first_write_error_of_the_reply()
    {
        var reply = Bson.Make(document => document.Write("n", 1).BeginArray("writeErrors")
            .BeginDocument().Write("index", 1).Write("code", 11000).Write("errmsg", "E11000 duplicate key").End().End().Write("ok", 1d));
        var failure = Assert.Throws<MongoException>(() => MongoDocumentSink.ThrowOnErrors(reply, "insert into a.users"));
        Assert.Equal(11000u, failure.Code);
        Assert.Equal("The insert into a.users failed for 1 document(s); the first: E11000 duplicate key (code 11000)", failure.Message);
    }

    [Fact]
    public void Fail_with_a_write_concern_error_of_the_reply()
    {
        var reply = Bson.Make(document => document.Write("ok", 1d)
            .BeginDocument("writeConcernError").Write("code", 64).Write("errmsg", "waiting for replication timed out").End());
        Assert.Equal(64u, Assert.Throws<MongoException>(() => MongoDocumentSink.ThrowOnErrors(reply, "insert")).Code);
    }

    [Fact]
    public void Succeed_without_errors_in_the_reply() =>
        MongoDocumentSink.ThrowOnErrors(Bson.Make(document => document.Write("n", 2).BeginArray("writeErrors").End().Write("ok", 1d)), "insert");
}
