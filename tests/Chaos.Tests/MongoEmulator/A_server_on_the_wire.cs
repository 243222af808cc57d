using System.Buffers.Binary;
using System.Collections.Concurrent;
using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Values;
using Chaos.MongoEmulator.Wire;
using Etl;
using Etl.Documents;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_server_on_the_wire : ServerTest
{
    readonly ConcurrentQueue<string> log = [];

    protected override MongoServerOptions Options => new() { Log = log.Enqueue };

    async Task Insert(params byte[][] documents) =>
        Assert.Equal(documents.Length.ToString(), Field(await Client.RunAsync(Doc(("insert", "c"), ("$db", "test")), "documents", documents), "n"));

    static void AssertError(int code, string name, byte[] reply)
    {
        Assert.Equal("0.0", Field(reply, "ok"));
        Assert.Equal((code.ToString(), $"\"{name}\""), (Field(reply, "code"), Field(reply, "codeName")));
    }

    [Fact]
    public async Task Says_hello_as_the_primary_of_a_set_of_one_and_as_an_emulator()
    {
        byte[] hello = await Run("hello", 1);
        Assert.Equal(("\"rs0\"", "true", "true", "1.0"), (Field(hello, "setName"), Field(hello, "isWritablePrimary"), Field(hello, "emulator"), Field(hello, "ok")));
        Assert.Equal($"[ \"127.0.0.1:{Server.Port}\" ]", Field(hello, "hosts"));
        Assert.Equal("true", Field(await Run("buildInfo", 1), "emulator"));
    }

    [Fact]
    public async Task Answers_the_legacy_handshake_and_no_other_legacy_query()
    {
        byte[] Query(string command) => [0, 0, 0, 0, .. "admin.$cmd\0"u8, 0, 0, 0, 0, 255, 255, 255, 255, .. Doc((command, 1))];
        Assert.Equal("true", Field(await Client.SendAsync(2004, Query("isMaster")), "ismaster"));
        Assert.Equal("352", Field(await Client.SendAsync(2004, Query("ping")), "code"));
    }

    [Fact]
    public async Task Stamps_every_reply_with_a_time_that_only_rises()
    {
        ulong last = 0;
        for (int i = 0; i < 50; i++)
        {
            await Insert(Doc(("_id", i)));
            byte[] reply = await Run(i % 2 == 0 ? "ping" : "no such command", 1);
            var reader = new BsonReader(reply);
            Assert.True(Bson.Find(ref reader, "operationTime"u8));
            Assert.True(reader.Timestamp > last);
            last = reader.Timestamp;
            Assert.NotNull(Field(reply, "$clusterTime.clusterTime"));
        }
    }

    [Fact]
    public async Task Takes_checksums_when_they_are_right()
    {
        byte[] Message(bool right)
        {
            byte[] command = Doc(("ping", 1), ("$db", "admin"));
            byte[] message = new byte[16 + 4 + 1 + command.Length + 4];
            BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), 2013);
            message[16] = 1;
            command.CopyTo(message, 21);
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(^4), SlowCrc32C(message.AsSpan(..^4)) + (right ? 0u : 1u));
            return message;
        }
        await Client.SendRawAsync(Message(right: true));
        Assert.Equal("1.0", Field(await Run("ping", 1), "ok"));
        await Client.SendRawAsync(Message(right: false));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await Run("ping", 1);
            await Run("ping", 1);
        });
        Assert.Contains(log, l => l.Contains("checksum is wrong"));
    }

    /// <summary>Bit by bit, from the polynomial: independent of the one under test.</summary>
    static uint SlowCrc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }
        return ~crc;
    }

    [Fact]
    public async Task Answers_malformed_BSON_with_an_error_and_stays()
    {
        byte[] broken = Doc(("find", "c"), ("$db", "test"));
        broken[4] = 0x77;
        AssertError(22, "InvalidBSON", await Client.RunAsync(broken));
        byte[] shorter = Doc(("find", "c"), ("$db", "test"));
        shorter[0]--;
        AssertError(22, "InvalidBSON", await Client.RunAsync(shorter));
        byte[] document = Doc(("_id", 1), ("a", "text"));
        document[^2] = 1; // the NUL that ends the text
        AssertError(22, "InvalidBSON", await Client.RunAsync(Doc(("insert", "c"), ("$db", "test")), "documents", [document]));
        Assert.Equal("1.0", Field(await Run("ping", 1), "ok"));
        Assert.Equal("0", Field(await Run("count", "c"), "n"));
    }

    [Theory]
    [InlineData(15, 2013, "a message of 15 bytes")]
    [InlineData(-1, 2013, "a message of -1 bytes")]
    [InlineData(48_000_001, 2013, "a message of 48000001 bytes")]
    [InlineData(20, 2012, "opcode 2012")]
    [InlineData(16, 2013, "an OP_MSG without flags")]
    public async Task Closes_a_connection_that_does_not_speak_the_protocol_and_says_why(int length, int opcode, string reason)
    {
        byte[] header = new byte[20];
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), opcode);
        await Client.SendRawAsync(header.AsMemory(0, length == 16 ? 16 : 20));
        await Assert.ThrowsAnyAsync<Exception>(() => Run("ping", 1));
        Assert.Contains(log, l => l.Contains(reason));
        await using var other = await WireClient.ConnectAsync("127.0.0.1", Server.Port);
        Assert.Equal("1.0", Field(await other.RunAsync(Doc(("ping", 1), ("$db", "x"))), "ok"));
    }

    [Fact]
    public async Task Survives_random_bytes()
    {
        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            byte[] message = new byte[16 + 5 + random.Next(200)];
            random.NextBytes(message);
            BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), random.Next(2) == 0 ? 2013 : 2004);
            message.AsSpan(16, 5).Clear();
            byte[] command = Doc((new[] { "find", "insert", "update", "aggregate" }[random.Next(4)], "c"), ("$db", "test"), ("documents", new object?[] { Doc(("a", 1)) }));
            if (i % 2 == 0)
            {
                command[random.Next(command.Length)] = (byte)random.Next(256);
                message = [.. message.AsSpan(0, 21), .. command];
                BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
            }
            await using var victim = await WireClient.ConnectAsync("127.0.0.1", Server.Port);
            await victim.SendRawAsync(message);
        }
        Assert.Equal("1.0", Field(await Run("ping", 1), "ok"));
        Assert.DoesNotContain(log, l => l.StartsWith("Failed"));
    }

    [Fact]
    public async Task Answers_nothing_to_a_message_that_asks_for_nothing()
    {
        byte[] command = Doc(("insert", "c"), ("$db", "test"), ("documents", new object?[] { Doc(("_id", 1)) }), ("writeConcern", Doc(("w", 0))));
        byte[] message = [.. new byte[16], 2, 0, 0, 0, 0, .. command];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), 2013);
        await Client.SendRawAsync(message);
        Assert.Equal("1", Field(await Run("count", "c"), "n"));
    }

    [Fact]
    public async Task Refuses_by_name_what_it_does_not_know()
    {
        AssertError(59, "CommandNotFound", await Run("frobnicate", 1));
        AssertError(40415, "Location40415", await Run("find", "c", ("frobnicate", 1)));
        AssertError(2, "BadValue", await Run("find", "c", ("collation", Doc(("locale", "de")))));
        AssertError(2, "BadValue", await Run("find", "c", ("tailable", true)));
        AssertError(14, "TypeMismatch", await Run("find", "c", ("filter", 1)));
        AssertError(40414, "Location40414", await Client.RunAsync(Doc(("ping", 1))));
        AssertError(40324, "Location40324", await Run("aggregate", "c", ("pipeline", new object?[] { Doc(("$frobnicate", 1)) }), ("cursor", Doc())));
        AssertError(15952, "Location15952", await Run("aggregate", "c", ("pipeline", new object?[] { Doc(("$group", Doc(("_id", null), ("a", Doc(("$frobnicate", 1)))))) }), ("cursor", Doc())));
        AssertError(168, "InvalidPipelineOperator", await Run("aggregate", "c", ("pipeline", new object?[] { Doc(("$group", Doc(("_id", Doc(("$frobnicate", 1)))))) }), ("cursor", Doc())));
        AssertError(100, "UnsatisfiableWriteConcern", await Run("insert", "c", ("documents", new object?[] { Doc() }), ("writeConcern", Doc(("w", 2)))));
        AssertError(67, "CannotCreateIndex", await Run("createIndexes", "c", ("indexes", new object?[] { Doc(("key", Doc(("a", 1))), ("name", "a"), ("expireAfterSeconds", 60)) })));
        AssertError(2, "BadValue", await Run("create", "c", ("capped", true)));
    }

    [Fact]
    public async Task Hands_out_a_result_in_batches_while_others_write()
    {
        await Insert([.. Enumerable.Range(0, 1000).Select(i => Doc(("_id", i)))]);
        byte[] reply = await Run("find", "c", ("batchSize", 10), ("sort", Doc(("_id", 1))));
        string id = Field(reply, "cursor.id")!;
        Assert.Equal("9", Field(reply, "cursor.firstBatch._id")!.Trim(']', ' ').Split(", ")[^1]);
        await Run("delete", "c", ("deletes", new object?[] { Doc(("q", Doc(("_id", Doc(("$lt", 20))))), ("limit", 0)) }));
        AssertError(13, "Unauthorized", await Run("getMore", long.Parse(id), ("collection", "other")));
        reply = await Run("getMore", long.Parse(id), ("collection", "c"), ("batchSize", 2));
        Assert.EndsWith(", 20 ]", Field(reply, "cursor.nextBatch._id")); // 10 was read ahead before it was deleted
        await Run("drop", "c");
        AssertError(175, "QueryPlanKilled", await Run("getMore", long.Parse(id), ("collection", "c")));
        AssertError(43, "CursorNotFound", await Run("getMore", long.Parse(id), ("collection", "c")));
    }

    [Fact]
    public async Task Puts_the_id_first_and_makes_one_when_there_is_none()
    {
        await Insert(Doc(("a", 1), ("_id", 2)), Doc(("a", 2)));
        byte[] reply = await Run("find", "c");
        Assert.StartsWith("[ { _id: 2, a: 1 }, { _id: ObjectId('", Field(reply, "cursor.firstBatch"));
    }

    [Fact]
    public async Task Keeps_text_that_is_not_UTF_8_as_it_came()
    {
        byte[] document = Bson.Make(w => w.Write("_id", 1).WriteUtf8("bad", [0xFF, 0xFE]));
        await Insert(document);
        var value = new FieldPath("cursor.firstBatch").Evaluate(await Run("find", "c"));
        Assert.True(value.Span[7..^1].SequenceEqual(document)); // length, type, "0"
    }

    [Fact]
    public async Task Serves_many_clients_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async n =>
        {
            await using var own = await WireClient.ConnectAsync("127.0.0.1", Server.Port);
            for (int i = 0; i < 50; i++)
            {
                await own.RunAsync(Doc(("insert", "c"), ("$db", "test")), "documents", [Doc(("_id", n * 1000 + i), ("n", n))]);
                await own.RunAsync(Doc(("update", "c"), ("updates", new object?[] { Doc(("q", Doc(("_id", -1))), ("u", Doc(("$inc", Doc(("n", 1))))), ("upsert", true)) }), ("$db", "test")));
            }
        }));
        Assert.Equal("801", Field(await Run("count", "c"), "n"));
        Assert.Equal("[ 800 ]", Field(await Run("find", "c", ("filter", Doc(("_id", -1)))), "cursor.firstBatch.n"));
    }

    [Fact]
    public void Names_the_port_that_is_taken()
    {
        var e = Assert.Throws<UnavailableException>(() => MongoServer.Start(new MongoServerOptions { Port = Server.Port }));
        Assert.Equal($"Port {Server.Port} on 127.0.0.1 is already in use. Choose another with --port, or 0 for any free one.", e.Message);
    }
}
