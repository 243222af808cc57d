using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Etl.Tests.Sources;

public sealed class A_mongo_scan : IAsyncLifetime
{
    readonly MongoTestServer mongo = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => mongo.DisposeAsync();

    /// <summary>One or more ids of each type, in MongoDB's order.</summary>
    static readonly byte[][] AllTypes =
    [
        Bson.Make(w => w.WriteNull("_id")),
        Bson.Make(w => w.Write("_id", -1.5)),
        Bson.Make(w => w.Write("_id", 1)),
        Bson.Make(w => w.Write("_id", 2L)),
        Bson.Make(w => w.Write("_id", Decimal128.Parse("2.5"))),
        Bson.Make(w => w.Write("_id", long.MaxValue)),
        Bson.Make(w => w.Write("_id", "")),
        Bson.Make(w => w.Write("_id", "a")),
        Bson.Make(w => w.Write("_id", "ä")),
        Bson.Make(w => w.BeginDocument("_id").End()),
        Bson.Make(w => w.BeginDocument("_id").Write("x", 1).End()),
        Bson.Make(w => w.WriteBinary("_id", [1, 2, 3])),
        Bson.Make(w => w.WriteBinary("_id", new byte[16], subtype: 4)),
        Bson.Make(w => w.WriteObjectId("_id", new byte[12])),
        Bson.Make(w => w.WriteObjectId("_id", [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255])),
        Bson.Make(w => w.Write("_id", false)),
        Bson.Make(w => w.Write("_id", true)),
        Bson.Make(w => w.WriteDateTime("_id", 0)),
        Bson.Make(w => w.WriteTimestamp("_id", 77)),
    ];

    static string[] Keys(IEnumerable<byte[]> documents) => [.. documents.Select(d => PositionText.Of(DocumentId.PositionOf(d)))];

    [Fact]
    public async Task Reads_ids_of_every_type_in_one_order()
    {
        await mongo.InsertAsync(AllTypes.Reverse());
        Assert.Equal(Keys(AllTypes), (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null))).SelectMany(b => b));
    }

    /// <summary>The emulator knows no collations; it is told of one on the way.</summary>
    [Fact]
    public async Task Of_a_collection_with_a_collation_is_read_by_bytes()
    {
        MessageProxy? proxy = null;
        await using var collated = new MongoTestServer(through: server => (proxy = new MessageProxy(server.Port, WithCollation)).Uri);
        await using (proxy)
        {
            await collated.InsertAsync(AllTypes.Reverse());
            var text = new Dataset { Name = "users", SourceName = "users", MaxRejected = 0, Root = new Field { Name = "", Path = "", Kind = FieldKind.Object, Children = [new Field { Name = "_id", Path = "_id", Kind = FieldKind.Value, KeyPosition = 1, Accepted = new HashSet<BsonType> { BsonType.String } }] } };
            Assert.Equal(Keys(AllTypes), (await MongoTestServer.ReadAsync(collated.Source.Scan(text, ScanRange.Whole, null))).SelectMany(b => b));
            Assert.Empty(await collated.Source.SplitAsync(text, 4, CancellationToken.None));
            Assert.Contains("collation", Assert.Single(collated.Source.Effort.Remarks));
            Assert.Equal(AllTypes.Length, await collated.Source.EstimateAsync(text, CancellationToken.None));
        }
    }

    /// <summary>A reply that lists collections, with a collation in the options of each.</summary>
    static byte[] WithCollation(byte[] message)
    {
        const int body = 16 + 4 + 1; // header, flags, kind of section
        if (message.AsSpan().IndexOf("idIndex"u8) < 0)
            return message;
        byte[] reply = Bson.Make(w => Copy(new BsonReader(message.AsSpan(body)), w));
        byte[] altered = [.. message[..body], .. reply];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(altered, altered.Length);
        return altered;
    }

    static void Copy(BsonReader reader, BsonWriter writer)
    {
        while (reader.Read())
            if (reader.Name == "options")
                writer.BeginDocument("options").BeginDocument("collation").Write("locale", "en").End().End();
            else if (reader.Type is BsonType.Document or BsonType.Array)
            {
                _ = reader.Type == BsonType.Array ? writer.BeginArray(reader.Name) : writer.BeginDocument(reader.Name);
                Copy(reader.Nested(), writer);
                writer.End();
            }
            else
                writer.WriteElement(reader);
    }

    [Fact]
    public async Task Goes_on_after_any_document_without_skipping_a_type()
    {
        await mongo.InsertAsync(AllTypes);
        for (int i = 0; i < AllTypes.Length; i++)
            Assert.Equal(Keys(AllTypes[(i + 1)..]), (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, AllTypes[i]))).SelectMany(b => b));
    }

    [Fact]
    public async Task Goes_on_where_the_last_durable_document_was_deleted()
    {
        await mongo.InsertAsync(AllTypes);
        for (int i = 0; i < AllTypes.Length; i++)
        {
            await mongo.DeleteAsync(AllTypes[i]);
            Assert.Equal(Keys(AllTypes[(i + 1)..]), (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, AllTypes[i]))).SelectMany(b => b));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(2_500)]
    [InlineData(10_000)]
    public async Task Cuts_batches_at_a_number_of_documents_and_loses_none_between_them(int most)
    {
        const int documents = 2_500;
        await mongo.InsertAsync(Enumerable.Range(0, documents).Select(MongoTestServer.Numbered));
        var batches = await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null), most);
        Assert.Equal(Keys(Enumerable.Range(0, documents).Select(MongoTestServer.Numbered)), batches.SelectMany(b => b));
        Assert.Equal((documents + most - 1) / most, batches.Count);
        Assert.All(batches, b => Assert.InRange(b.Length, 1, most));
    }

    [Fact]
    public async Task Gives_a_document_larger_than_a_batch_a_batch_of_its_own()
    {
        byte[] Sized(int id, int bytes) => Bson.Make(w => w.Write("_id", id).Write("filler", new string('x', bytes)));
        await mongo.InsertAsync([Sized(1, 100), Sized(2, 5_000), Sized(3, 100), Sized(4, 100), Sized(5, 1_000_000)]);
        var batches = await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null), maxBytes: 500);
        Assert.Equal([1, 1, 2, 1], batches.Select(b => b.Length));
    }

    [Fact]
    public async Task Of_certain_keys_gives_their_documents_and_none_for_the_others()
    {
        await mongo.InsertAsync(AllTypes);
        byte[][] wanted = [AllTypes[2], Bson.Make(w => w.Write("_id", "nobody")), AllTypes[13], AllTypes[9], AllTypes[0]];
        Assert.Equal(Keys([AllTypes[0], AllTypes[2], AllTypes[9], AllTypes[13]]), (await MongoTestServer.ReadAsync(mongo.Source.Pick(mongo.Users, wanted))).SelectMany(b => b));
        Assert.Empty(await MongoTestServer.ReadAsync(mongo.Source.Pick(mongo.Users, [])));
    }

    [Fact]
    public async Task Of_an_empty_collection_ends_at_once_and_stays_ended()
    {
        await mongo.CreateAsync();
        var batch = new DocumentBatch();
        await using var scan = mongo.Source.Scan(mongo.Users, ScanRange.Whole, null);
        Assert.False(await scan.ReadAsync(batch, CancellationToken.None));
        Assert.False(await scan.ReadAsync(batch, CancellationToken.None));
        Assert.Equal((0, null), (batch.Count, batch.Position));
    }

    [Fact]
    public async Task Does_not_take_a_missing_collection_for_an_empty_one()
    {
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null)));
        Assert.Contains("'secondNature.users' does not exist", failure.Message);
    }

    [Fact]
    public async Task Fails_when_the_server_dies_and_never_ends_quietly()
    {
        await using var mongo = new MongoTestServer(mongo: MongoTestServer.Quick with { Attempts = 3, ServerSelectionTimeout = 200 });
        await mongo.InsertAsync(Enumerable.Range(0, 5_000).Select(MongoTestServer.Numbered));
        await using var scan = mongo.Source.Scan(mongo.Users, ScanRange.Whole, null);
        var batch = new DocumentBatch(maxDocuments: 500);
        Assert.True(await scan.ReadAsync(batch, CancellationToken.None));
        await mongo.Server.DisposeAsync();
        var failure = await Assert.ThrowsAsync<UnavailableException>(async () =>
        {
            while (await scan.ReadAsync(batch, CancellationToken.None))
            {
            }
        });
        Assert.Contains(mongo.Server.Uri.TrimEnd('/'), failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
        await Assert.ThrowsAsync<UnavailableException>(() => scan.ReadAsync(batch, CancellationToken.None)); // nor when it is asked again
    }

    [Fact]
    public async Task Stops_when_it_is_told_to()
    {
        await mongo.InsertAsync(Enumerable.Range(0, 3_000).Select(MongoTestServer.Numbered));
        using var stop = new CancellationTokenSource();
        await using var scan = mongo.Source.Scan(mongo.Users, ScanRange.Whole, null);
        var batch = new DocumentBatch(maxDocuments: 100);
        Assert.True(await scan.ReadAsync(batch, stop.Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan.ReadAsync(batch, stop.Token));
        // What the cancelled read took from the server nobody has seen: going on would skip it.
        await Assert.ThrowsAsync<InvalidOperationException>(() => scan.ReadAsync(batch, CancellationToken.None));
    }

    [Fact]
    public async Task Survives_collections_of_garbage_on_many_threads()
    {
        const int threads = 8, documents = 3_000;
        await mongo.InsertAsync(Enumerable.Range(0, documents).Select(i => Bson.Make(w => w.Write("_id", i).Write("filler", new string('x', 200)))));
        using var done = new CancellationTokenSource();
        var collecting = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                await Task.Delay(1);
            }
        });
        var read = await Task.WhenAll(Enumerable.Range(0, threads).Select(t => Task.Run(async () =>
        {
            int seen = 0;
            for (int turn = 0; turn < 3; turn++)
                seen += (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null), maxDocuments: 100 + t)).Sum(b => b.Length);
            return seen;
        })));
        await done.CancelAsync();
        await collecting;
        Assert.All(read, seen => Assert.Equal(3 * documents, seen));
    }

    [Fact]
    public async Task Gives_its_client_back_whether_it_was_read_to_the_end_or_not()
    {
        // Two clients in all: a scan that kept one would make the third wait for ever.
        await using var small = new MongoTestServer("?maxPoolSize=2");
        await small.InsertAsync(Enumerable.Range(0, 2_000).Select(MongoTestServer.Numbered));
        for (int i = 0; i < 20; i++)
        {
            await using var scan = small.Source.Scan(small.Users, ScanRange.Whole, null);
            if (i % 3 != 0)
                await scan.ReadAsync(new DocumentBatch(maxDocuments: 10), CancellationToken.None);
            if (i % 3 == 2)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan.ReadAsync(new DocumentBatch(), new CancellationToken(canceled: true)));
        }
        Assert.Equal(2_000, (await MongoTestServer.ReadAsync(small.Source.Scan(small.Users, ScanRange.Whole, null)).WaitAsync(TimeSpan.FromSeconds(10))).Sum(b => b.Length));
    }

    [Fact]
    public async Task Is_closed_safely_while_it_reads_and_its_source_as_well()
    {
        await using var other = new MongoTestServer();
        await other.InsertAsync(Enumerable.Range(0, 3_000).Select(MongoTestServer.Numbered));
        for (int i = 0; i < 20; i++)
        {
            await using var source = new MongoSource(other.Server.Uri, other.Contract);
            var scan = source.Scan(other.Users, ScanRange.Whole, null);
            var reading = scan.ReadAsync(new DocumentBatch(), CancellationToken.None);
            if (i % 2 == 0)
                await Task.Delay(i);
            await scan.DisposeAsync();
            await source.DisposeAsync();
            // Whatever the read came to, it came to it: a batch, or that the source is closed.
            if (await Record.ExceptionAsync(() => reading) is { } failure)
                Assert.IsType<ObjectDisposedException>(failure);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => scan.ReadAsync(new DocumentBatch(), CancellationToken.None));
        }
    }

    [Fact]
    public async Task Is_not_read_twice_at_once()
    {
        await mongo.InsertAsync([MongoTestServer.Numbered(1)]);
        await using var scan = mongo.Source.Scan(mongo.Users, ScanRange.Whole, null);
        var first = scan.ReadAsync(new DocumentBatch(), CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => scan.ReadAsync(new DocumentBatch(), CancellationToken.None));
        Assert.True(await first);
    }

    [Fact]
    public async Task Allocates_nothing_for_a_document()
    {
        const int documents = 120_000;
        await mongo.InsertAsync(Enumerable.Range(0, documents).Select(i => Bson.Make(w => w.Write("_id", i).Write("filler", new string('x', 200)))));
        using var connection = MongoConnection.Open(mongo.Server.Uri);
        // On a thread of its own, because the server allocates in this process too.
        long allocated = await Task.Factory.StartNew(() =>
        {
            var batch = new DocumentBatch(maxDocuments: 10_000);
            var (filter, options) = new RangeQuery(ScanRange.Whole, null).Build(CollectionKind.Collection, null, majority: true);
            using var cursor = connection.Find(MongoTestServer.Database, "users", filter, options);
            var (read, before) = (0, 0L);
            while (cursor.Next())
            {
                if (!batch.HasRoomFor(cursor.Current.Length))
                    batch.Clear();
                MongoScan.Add(batch, cursor.Current);
                if (++read == 20_000) // by now the batch's buffers have their size
                    before = GC.GetAllocatedBytesForCurrentThread();
            }
            Assert.Equal(documents, read);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }, TaskCreationOptions.LongRunning);
        Assert.InRange(allocated, 0, 10_000); // for 100,000 documents
    }
}
