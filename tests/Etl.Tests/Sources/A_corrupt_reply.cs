using System.Buffers.Binary;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Etl.Tests.Sources;

/// <summary>What arrives need not be what was stored. It comes out refused, or as an error; never as fewer documents.</summary>
public sealed class A_corrupt_reply
{
    const int Documents = 2_500, Sick = 1_700;

    static byte[] Document(int id) => Bson.Make(w => w.Write("_id", id).Write("name", $"number {id:d6}").Write("other", "x"));

    static byte[] Sound => Document(Sick);

    /// <summary>A server whose replies have the sick document altered, the first times it is sent.</summary>
    static async Task<(MongoTestServer Mongo, MessageProxy Proxy)> StartAsync(Action<byte[], int> harm, int times = int.MaxValue)
    {
        MessageProxy? proxy = null;
        var mongo = new MongoTestServer(through: server =>
        {
            proxy = new MessageProxy(server.Port, message =>
            {
                int at = message.AsSpan().IndexOf(Sound);
                if (at >= 0 && times-- > 0)
                    harm(message, at);
                return message;
            });
            return proxy.Uri;
        });
        await mongo.InsertAsync(Enumerable.Range(0, Documents).Select(Document));
        return (mongo, proxy!);
    }

    static async Task<(List<string> Keys, List<Refused> Refused)> ReadAsync(MongoTestServer mongo)
    {
        var (keys, refused) = (new List<string>(), new List<Refused>());
        await using var scan = mongo.Source.Scan(mongo.Users, ScanRange.Whole, null);
        var batch = new DocumentBatch(maxDocuments: 900);
        while (await scan.ReadAsync(batch, CancellationToken.None))
            for (int i = 0; i < batch.Count; i++)
                if (batch.RefusedAt(i) is { } item)
                    refused.Add(item with { Bytes = item.Bytes.ToArray() });
                else
                    keys.Add(PositionText.Of(DocumentId.PositionOf(batch[i])));
        return (keys, refused);
    }

    static string[] Keys(Func<int, bool> chosen) => [.. Enumerable.Range(0, Documents).Where(chosen).Select(i => PositionText.Of(Bson.Make(w => w.Write("_id", i))))];

    [Fact]
    public async Task Broken_behind_the_key_reaches_those_who_read_documents()
    {
        // The length of the second field says more than there is.
        var (mongo, proxy) = await StartAsync((message, at) => BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(at + 4 + 9 + 6), 1_000_000));
        await using (mongo)
        await using (proxy)
        {
            var (keys, refused) = await ReadAsync(mongo);
            Assert.Equal(Keys(_ => true), keys);
            Assert.Empty(refused);
        }
    }

    [Fact]
    public async Task Broken_at_the_key_is_refused_in_its_place()
    {
        var (mongo, proxy) = await StartAsync((message, at) => message[at + 4] = 0x77); // no such type
        await using (mongo)
        await using (proxy)
        {
            var (keys, refused) = await ReadAsync(mongo);
            Assert.Equal(Keys(i => i != Sick), keys);
            var item = Assert.Single(refused);
            Assert.Equal(("application/bson", Sound.Length), (item.MediaType, item.Bytes.Length));
            Assert.Contains("unknown element type 0x77", item.Reason);
            Assert.Equal(Bson.Make(_ => { }), item.Position);
        }
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(4)]
    public async Task With_a_wrong_length_is_read_again(int length)
    {
        var (mongo, proxy) = await StartAsync((message, at) => BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(at), length), times: 2);
        await using (mongo)
        await using (proxy)
        {
            var (keys, refused) = await ReadAsync(mongo);
            Assert.Equal(Keys(_ => true), keys);
            Assert.Empty(refused);
            Assert.Equal(2, mongo.Source.Effort.Retries);
        }
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(-1)]
    [InlineData(20)]
    public async Task With_a_wrong_length_for_ever_is_an_error(int length)
    {
        var (mongo, proxy) = await StartAsync((message, at) => BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(at), length));
        await using (mongo)
        await using (proxy)
        {
            var failure = await Assert.ThrowsAsync<UnavailableException>(() => ReadAsync(mongo));
            Assert.Contains("no valid reply", failure.Message);
        }
    }

    [Fact]
    public async Task Cut_off_in_the_middle_is_read_again()
    {
        int cuts = 2;
        MessageProxy? proxy = null;
        await using var mongo = new MongoTestServer(through: server => (proxy = new MessageProxy(server.Port, message =>
            message.AsSpan().IndexOf(Sound) is >= 0 and var at && cuts-- > 0 ? message[..at] : message)).Uri + "?socketTimeoutMS=300");
        await using (proxy)
        {
            await mongo.InsertAsync(Enumerable.Range(0, Documents).Select(Document));
            Assert.Equal(Keys(_ => true), (await ReadAsync(mongo)).Keys);
        }
    }
}
