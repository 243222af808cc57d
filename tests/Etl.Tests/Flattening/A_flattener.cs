using System.Buffers.Binary;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Loading;
using Etl.Tests.Loading;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Flattening;

public sealed class A_flattener
{
    static readonly Contract Contract = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));

    static string[] Tables(Flattener flattener) => [.. Enumerable.Range(0, flattener.RowCount).Select(i => flattener.Dataset.Tables[flattener.TableOf(i)].Name)];

    static List<string> Rows(Flattener flattener) => [.. Enumerable.Range(0, flattener.RowCount).Select(i => $"{flattener.TableOf(i)} {Convert.ToHexString(flattener.Row(i))} {flattener.HashOf(i):x}").Order()];

    static readonly Person Full = new(1) { Subscription = new(1, new("1", "a", 1)) { Invoices = [new(1, 1), new(2, 2)] } };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Gives_a_row_for_each_invoice(int invoices)
    {
        var flattener = new Flattener(Contract.Datasets[0]);
        var person = Full with { Subscription = Full.Subscription! with { Invoices = [.. Enumerable.Range(0, invoices).Select(i => new Invoice(i, i))] } };
        Assert.Null(flattener.Flatten(person.ToBson()));
        Assert.Equal(["users", "subscriptions", "plans", .. Enumerable.Repeat("invoices", invoices)], Tables(flattener));
    }

    [Fact]
    public void Takes_fields_in_any_order_and_leaves_unknown_ones()
    {
        var flattener = new Flattener(Contract.Datasets[0]);
        Assert.Null(flattener.Flatten(Full.ToBson()));
        var expected = Rows(flattener);
        var random = new Random(2);
        for (int i = 0; i < 200; i++)
        {
            var shuffled = Shuffled(Full.ToBson(), random);
            Assert.Null(flattener.Flatten(shuffled));
            Assert.Equal(expected, Rows(flattener));
        }
        Assert.True(flattener.UndescribedElements > 0);
    }

    static byte[] Shuffled(byte[] document, Random random)
    {
        var elements = new List<(BsonType Type, string Name, byte[] Value)>();
        for (var reader = new BsonReader(document); reader.Read();)
            elements.Add((reader.Type, reader.Name, reader.Type == BsonType.Document ? Shuffled(reader.Value.ToArray(), random) : reader.Value.ToArray()));
        elements.Add((BsonType.Null, "unknown" + random.Next(), []));
        return Bson.Make(w =>
        {
            foreach (var (type, name, value) in elements.OrderBy(_ => random.Next()))
                w.WriteRaw(type, name, value);
        });
    }

    [Fact]
    public void Takes_missing_and_null_objects_and_arrays_for_none()
    {
        var flattener = new Flattener(Contract.Datasets[0]);
        foreach (var write in new Action<BsonWriter>[] { _ => { }, w => w.WriteNull("subscriptions"), w => w.WriteNull("fakeDataHelpers").WriteRaw(BsonType.Undefined, "subscriptions", []) })
        {
            Assert.Null(flattener.Flatten(Bson.Make(w => { w.WriteObjectId("_id", new byte[12]).WriteDateTime("signUpDate", 0); write(w); })));
            Assert.Equal(["users"], Tables(flattener));
        }
    }

    [Fact]
    public void Refuses_a_key_that_stands_twice_at_any_depth()
    {
        var flattener = new Flattener(Contract.Datasets[0]);
        foreach (var write in new Action<BsonWriter>[] { w => w.Write("age", 1).Write("age", 1), w => w.BeginDocument("fakeDataHelpers").Write("messagesPerDay", 1).Write("messagesPerDay", 1).End() })
        {
            Assert.Equal("duplicateKey", flattener.Flatten(Bson.Make(w => { w.WriteObjectId("_id", new byte[12]).WriteDateTime("signUpDate", 0); write(w); }))?.Rule);
            Assert.Equal(0, flattener.RowCount);
        }
    }

    [Fact]
    public void Gives_messages_their_threads_user_and_group()
    {
        var flattener = new Flattener(Contract.Datasets[2]);
        Assert.Null(flattener.Flatten(Bson.Make(w => w.BeginArray("messages").BeginDocument().Write("message", "m").End().End()
            .WriteObjectId("groupId", Person.ObjectId('g', 3)).WriteObjectId("userId", Person.ObjectId('a', 2)).WriteObjectId("_id", Person.ObjectId('t', 1)))));
        var row = flattener.Row(0);
        List<string?> cells = [];
        while (!row.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(row);
            cells.Add(length < 0 ? null : length == 4 ? $"{BinaryPrimitives.ReadInt32BigEndian(row[4..])}" : System.Text.Encoding.UTF8.GetString(row.Slice(4, length)));
            row = row[(4 + Math.Max(0, length))..];
        }
        Assert.Equal([Person.Hex('t', 1), "0", Person.Hex('a', 2), Person.Hex('g', 3), null, "m"], cells);
    }

    [Fact]
    public void Gives_rows_or_a_refusal_of_any_bytes_and_nothing_else()
    {
        var random = new Random(5);
        var flatteners = new[] { new Flattener(Contract.Datasets[0]), new Flattener(Everything.Dataset) };
        int refused = 0;
        for (int i = 0; i < 25_000; i++)
        {
            var document = i % 2 == 0 ? Full.ToBson() : Everything.Valid(random, i);
            for (int edits = random.Next(1, 4); edits > 0; edits--)
                document[random.Next(document.Length)] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => 0, _ => (byte)random.Next(20) };
            if (random.Next(20) == 0)
                document = document[..random.Next(document.Length)];
            var flattener = flatteners[i % 2];
            if (flattener.Flatten(document) is not null)
            {
                refused++;
                Assert.Equal(0, flattener.RowCount);
            }
            flattener.Key(document);
        }
        Assert.InRange(refused, 1_000, 24_900);
    }

    [Fact]
    public void Allocates_nothing_for_valid_documents()
    {
        var flattener = new Flattener(Contract.Datasets[0]);
        var documents = Enumerable.Range(0, 100).Select(i => (Full with { Id = i, Age = i % 2 == 0 ? i : (double)i }).ToBson()).ToArray();
        void All()
        {
            for (int i = 0; i < 10_000; i++)
            {
                if (flattener.Flatten(documents[i % 100]) is not null)
                    throw new InvalidOperationException("refused");
                flattener.Key(documents[i % 100]);
            }
        }
        All();
        long before = GC.GetAllocatedBytesForCurrentThread();
        All();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Through a real table: what was hashed before COPY hashes the same when COPY gives it back; every type, arrays and jsonb too.</summary>
    [Fact]
    public async Task Hashes_rows_as_they_come_back()
    {
        await using var connection = new NpgsqlConnection(await Postgres.DatabaseAsync("flattened_hashes"));
        await connection.OpenAsync();
        var table = Everything.Dataset.RootTable;
        foreach (string statement in TableSql.Create(table).Prepend(TableSql.CreateSchema(table)))
            await connection.RunAsync(statement, CancellationToken.None);
        var flattener = new Flattener(Everything.Dataset);
        var random = new Random(11);
        var hashes = new Dictionary<int, Hash128>();
        var buffer = new FieldBuffer();
        buffer.Write([.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (int id = 0; id < 2_000; id++)
        {
            Assert.Null(flattener.Flatten(Everything.Valid(random, id)));
            buffer.Int16((short)table.Columns.Count);
            buffer.Write(flattener.Row(0));
            hashes[id] = flattener.HashOf(0);
        }
        buffer.Int16(-1);
        await using (var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table.Sql} ({TableSql.Names(table.Columns)}) FROM STDIN (FORMAT binary)"))
            await copy.WriteAsync(buffer.Memory);
        var back = new MemoryStream();
        await using (var copy = await connection.BeginRawBinaryCopyAsync($"COPY (SELECT {TableSql.Names(table.Columns)} FROM {table.Sql}) TO STDOUT (FORMAT binary)"))
            await copy.CopyToAsync(back);
        var hasher = new RowHasher(table);
        var rest = back.ToArray().AsSpan(19);
        int rows = 0;
        while (BinaryPrimitives.ReadInt16BigEndian(rest) >= 0)
        {
            int length = 2;
            for (int c = 0; c < table.Columns.Count; c++)
                length += 4 + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(rest[length..]));
            var fields = rest[2..length];
            Assert.Equal(hashes[BinaryPrimitives.ReadInt32BigEndian(fields[4..])], hasher.Row(fields));
            rest = rest[length..];
            rows++;
        }
        Assert.Equal(2_000, rows);
    }

    [Fact]
    public void Hashes_equal_numbers_alike_and_swapped_values_apart()
    {
        var flattener = new Flattener(Everything.Dataset);
        Hash128 Hash(Action<BsonWriter> write)
        {
            Assert.Null(flattener.Flatten(Bson.Make(w => { w.Write("_id", 1).Write("kind", "a"); write(w); })));
            return flattener.HashOf(0);
        }
        Assert.Equal(Hash(w => w.Write("amount", 1.5)), Hash(w => w.Write("amount", Decimal128.Parse("1.50"))));
        Assert.Equal(Hash(w => w.Write("amount", 0.0)), Hash(w => w.Write("amount", Decimal128.Parse("0E-5"))));
        Assert.Equal(Hash(_ => { }), Hash(w => w.WriteNull("code")));
        Assert.NotEqual(Hash(w => w.Write("code", "abc").Write("text", "xyz")), Hash(w => w.Write("code", "xyz").Write("text", "abc")));
        Assert.NotEqual(Hash(_ => { }), Hash(w => w.WriteBinary("bytes", [])));
    }
}
