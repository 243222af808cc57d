using System.Globalization;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Flattening;

/// <summary>What the encoder writes, sent by binary COPY, reads back in SQL as the value (promise I6).</summary>
public sealed class A_value_in_PostgreSQL
{
    const string OutOfRange = "OutOfRange";

    static (BsonType Type, byte[] Value) Element(Action<BsonWriter> write)
    {
        var reader = new BsonReader(Bson.Make(write));
        reader.Read();
        return (reader.Type, reader.Value.ToArray());
    }

    /// <summary>Values of each BSON type; what they become in each column is said below, all else is refused.</summary>
    static readonly Dictionary<string, Action<BsonWriter>> Values = new()
    {
        ["double 1.5"] = w => w.Write("v", 1.5),
        ["double 3"] = w => w.Write("v", 3.0),
        ["string"] = w => w.Write("v", "ä'\\🎉"),
        ["document"] = w => w.BeginDocument("v").Write("b", 1).Write("a", "x").End(),
        ["array"] = w => w.BeginArray("v").Write("x").End(),
        ["binary"] = w => w.WriteBinary("v", [0, 255]),
        ["binary 2"] = w => w.WriteBinary("v", [1, 2], 2),
        ["uuid"] = w => w.WriteBinary("v", Convert.FromHexString("00112233445566778899aabbccddeeff"), 4),
        ["undefined"] = w => w.WriteRaw(BsonType.Undefined, "v", []),
        ["objectId"] = w => w.WriteObjectId("v", Convert.FromHexString("00112233445566778899aabb")),
        ["true"] = w => w.Write("v", true),
        ["date"] = w => w.WriteDateTime("v", 1_591_000_000_123),
        ["regex"] = w => w.WriteRegex("v", "a.b", "i"),
        ["code"] = w => w.WriteText(BsonType.JavaScript, "v", "f()"),
        ["symbol"] = w => w.WriteText(BsonType.Symbol, "v", "s"),
        ["int"] = w => w.Write("v", -7),
        ["timestamp"] = w => w.WriteTimestamp("v", 1ul << 32 | 2),
        ["long"] = w => w.Write("v", 1L << 60),
        ["decimal"] = w => w.Write("v", Decimal128.Parse("1.50")),
        ["decimal 5"] = w => w.Write("v", Decimal128.Parse("5.0")),
        ["min"] = w => w.WriteRaw(BsonType.MinKey, "v", []),
        ["max"] = w => w.WriteRaw(BsonType.MaxKey, "v", []),
    };

    static readonly Dictionary<ColumnType, Dictionary<string, string>> Expected = new()
    {
        [ColumnType.Text] = new() { ["string"] = "ä'\\🎉", ["objectId"] = "00112233445566778899aabb" },
        [ColumnType.Boolean] = new() { ["true"] = "true" },
        [ColumnType.Integer] = new() { ["double 3"] = "3", ["int"] = "-7", ["decimal 5"] = "5" },
        [ColumnType.BigInt] = new() { ["double 3"] = "3", ["int"] = "-7", ["decimal 5"] = "5", ["long"] = "1152921504606846976" },
        [ColumnType.Double] = new() { ["double 1.5"] = "1.5", ["double 3"] = "3", ["int"] = "-7", ["decimal"] = "1.5", ["decimal 5"] = "5" },
        [ColumnType.Numeric] = new() { ["double 1.5"] = "1.5", ["double 3"] = "3", ["int"] = "-7", ["decimal"] = "1.50", ["decimal 5"] = "5.0", ["long"] = "1152921504606846976" },
        [ColumnType.Timestamp] = new() { ["date"] = "2020-06-01 08:26:40.123+00" },
        [ColumnType.Uuid] = new() { ["uuid"] = "00112233-4455-6677-8899-aabbccddeeff" },
        [ColumnType.Bytea] = new() { ["binary"] = "\\x00ff", ["binary 2"] = "\\x0102", ["uuid"] = "\\x00112233445566778899aabbccddeeff" },
    };

    static readonly Dictionary<string, string> Json = new()
    {
        ["double 1.5"] = """{"$numberDouble": "1.5"}""",
        ["double 3"] = """{"$numberDouble": "3.0"}""",
        ["string"] = "\"ä'\\\\🎉\"",
        ["document"] = """{"a": "x", "b": {"$numberInt": "1"}}""",
        ["array"] = """["x"]""",
        ["binary"] = """{"$binary": {"base64": "AP8=", "subType": "00"}}""",
        ["binary 2"] = """{"$binary": {"base64": "AQI=", "subType": "02"}}""",
        ["uuid"] = """{"$binary": {"base64": "ABEiM0RVZneImaq7zN3u/w==", "subType": "04"}}""",
        ["undefined"] = """{"$undefined": true}""",
        ["objectId"] = """{"$oid": "00112233445566778899aabb"}""",
        ["true"] = "true",
        ["date"] = """{"$date": {"$numberLong": "1591000000123"}}""",
        ["regex"] = """{"$regularExpression": {"options": "i", "pattern": "a.b"}}""",
        ["code"] = """{"$code": "f()"}""",
        ["symbol"] = """{"$symbol": "s"}""",
        ["int"] = """{"$numberInt": "-7"}""",
        ["timestamp"] = """{"$timestamp": {"i": 2, "t": 1}}""",
        ["long"] = """{"$numberLong": "1152921504606846976"}""",
        ["decimal"] = """{"$numberDecimal": "1.50"}""",
        ["decimal 5"] = """{"$numberDecimal": "5.0"}""",
        ["min"] = """{"$minKey": 1}""",
        ["max"] = """{"$maxKey": 1}""",
    };

    static string? Encode(BsonType type, byte[] value, ColumnType column, List<byte[]> encoded)
    {
        var buffer = new FieldBuffer();
        var fit = ValueEncoder.Write(type, value, column, buffer);
        if (fit == Fit.Fits)
            encoded.Add(buffer.Written.ToArray());
        return fit == Fit.Fits ? null : fit.ToString();
    }

    /// <summary>Sends fields by binary COPY and reads them as text, in order.</summary>
    static async Task<List<string>> ThroughPostgresAsync(string database, string type, IReadOnlyList<byte[]> fields)
    {
        await using var connection = new NpgsqlConnection(await Postgres.DatabaseAsync(database));
        await connection.OpenAsync();
        await Etl.Loading.Sql.RunAsync(connection, $"SET TimeZone = 'UTC'; CREATE TABLE v (n integer, v {type})", CancellationToken.None);
        await using (var copy = await connection.BeginRawBinaryCopyAsync("COPY v FROM STDIN (FORMAT binary)"))
        {
            var buffer = new FieldBuffer();
            buffer.Write([.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for (int i = 0; i < fields.Count; i++)
            {
                buffer.Int16(2);
                buffer.Int32(4);
                buffer.Int32(i);
                buffer.Int32(fields[i].Length);
                buffer.Write(fields[i]);
            }
            buffer.Int16(-1);
            await copy.WriteAsync(buffer.Memory);
        }
        return await Etl.Loading.Sql.ListAsync<string>(connection, "SELECT v::text FROM v ORDER BY n", CancellationToken.None);
    }

    [Theory]
    [InlineData(ColumnType.Text)]
    [InlineData(ColumnType.Boolean)]
    [InlineData(ColumnType.Integer)]
    [InlineData(ColumnType.BigInt)]
    [InlineData(ColumnType.Double)]
    [InlineData(ColumnType.Numeric)]
    [InlineData(ColumnType.Timestamp)]
    [InlineData(ColumnType.Uuid)]
    [InlineData(ColumnType.Bytea)]
    [InlineData(ColumnType.Jsonb)]
    public async Task Reads_back_or_was_refused(ColumnType column)
    {
        var encoded = new List<byte[]>();
        var fitting = new List<string>();
        foreach (var (name, write) in Values)
        {
            var (type, value) = Element(write);
            if (Encode(type, value, column, encoded) is null)
                fitting.Add(name);
        }
        var expected = column == ColumnType.Jsonb ? Json : Expected[column];
        Assert.Equal(Values.Keys.Where(expected.ContainsKey), fitting);
        Assert.Equal(fitting.Select(name => expected[name]), await ThroughPostgresAsync($"values_{column}".ToLowerInvariant(), column.SqlName(), encoded));
    }

    [Theory]
    [InlineData(ColumnType.Integer, 2147483647.0, null)]
    [InlineData(ColumnType.Integer, 2147483648.0, OutOfRange)]
    [InlineData(ColumnType.Integer, -2147483648.0, null)]
    [InlineData(ColumnType.Integer, 0.5, "Inexact")]
    [InlineData(ColumnType.Integer, double.NaN, OutOfRange)]
    [InlineData(ColumnType.BigInt, 9223372036854775808.0, OutOfRange)]
    [InlineData(ColumnType.BigInt, -9223372036854775808.0, null)]
    [InlineData(ColumnType.BigInt, double.PositiveInfinity, OutOfRange)]
    public void Fits_whole_columns_up_to_their_borders(ColumnType column, double value, string? refusal)
    {
        var (type, bytes) = Element(w => w.Write("v", value));
        Assert.Equal(refusal, Encode(type, bytes, column, []));
    }

    [Theory]
    [InlineData("9223372036854775807", null)]
    [InlineData("-9223372036854775808", null)]
    [InlineData("9223372036854775808", OutOfRange)]
    [InlineData("-9223372036854775809", OutOfRange)]
    [InlineData("1E+6111", OutOfRange)]
    [InlineData("1E-6176", "Inexact")]
    [InlineData("0E-6176", null)]
    [InlineData("1E+18", null)]
    [InlineData("NaN", OutOfRange)]
    public void Fits_bigint_from_a_decimal_up_to_its_borders(string value, string? refusal)
    {
        var (type, bytes) = Element(w => w.Write("v", Decimal128.Parse(value)));
        Assert.Equal(refusal, Encode(type, bytes, ColumnType.BigInt, []));
    }

    [Fact]
    public async Task Is_the_shortest_decimal_in_a_numeric_column()
    {
        var random = new Random(3);
        var encoded = new List<byte[]>();
        var texts = new List<string>();
        void Add(Action<BsonWriter> write, string text)
        {
            var (type, value) = Element(write);
            Assert.Null(Encode(type, value, ColumnType.Numeric, encoded));
            texts.Add(text);
        }
        foreach (double special in (double[])[0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon, 1e15, 1e16, 1e-5, 123456789.125, 0.1, 1e22, 1e23])
            Add(w => w.Write("v", special), special.ToString("R", CultureInfo.InvariantCulture));
        for (int i = 0; i < 3_000; i++)
        {
            double any = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)), near = Math.Round(random.NextDouble() * 1e6, random.Next(8));
            Add(w => w.Write("v", any), any.ToString("R", CultureInfo.InvariantCulture));
            Add(w => w.Write("v", near), near.ToString("R", CultureInfo.InvariantCulture));
        }
        foreach (string special in (string[])["0", "-0", "0E+3", "0E-6176", "NaN", "Infinity", "-Infinity", "1E+6111", "1E-6176", "9.999999999999999999999999999999999E+6144", "-1.50", "10000", "0.0001", "100010000"])
            Add(w => w.Write("v", Decimal128.Parse(special)), special);
        var bytes = new byte[16];
        for (int i = 0; i < 2_000; i++)
        {
            random.NextBytes(bytes);
            var any = new Decimal128(bytes);
            int exponent = random.Next(-40, 40);
            var near = new Decimal128(random.Next(2) == 0, (UInt128)random.NextInt64(), exponent);
            if (i % 20 == 0) // thousands of digits each
                Add(w => w.Write("v", any), any.ToString());
            Add(w => w.Write("v", near), near.ToString());
        }
        foreach (long whole in (long[])[long.MinValue, long.MaxValue, 0, 9999, 10000, -10000, 99990000])
            Add(w => w.Write("v", whole), whole.ToString(CultureInfo.InvariantCulture));
        var read = await ThroughPostgresAsync("values_decimal", "numeric", encoded);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(await Postgres.DatabaseAsync("values_decimal_parsed")).ConnectionString);
        await connection.OpenAsync();
        var differing = await Etl.Loading.Sql.ListAsync<string>(connection,
            "SELECT t || ' became ' || r FROM unnest($1, $2) AS x(t, r) WHERE t::numeric <> r::numeric LIMIT 5", CancellationToken.None, texts.ToArray(), read.ToArray());
        Assert.Empty(differing);
    }

    [Fact]
    public async Task Is_a_timestamp_up_to_the_borders_of_PostgreSQL()
    {
        const long first = -210_866_803_200_000, end = 9_224_318_016_000_000; // 4714-11-24 BC and 294277-01-01, in milliseconds since 1970
        var encoded = new List<byte[]>();
        foreach (var (milliseconds, refusal) in new (long, string?)[] { (first, null), (first - 1, OutOfRange), (end - 1, null), (end, OutOfRange), (long.MinValue, OutOfRange), (long.MaxValue, OutOfRange), (-1, null), (0, null) })
        {
            var (type, value) = Element(w => w.WriteDateTime("v", milliseconds));
            Assert.Equal(refusal, Encode(type, value, ColumnType.Timestamp, encoded));
        }
        Assert.Equal(["4714-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999+00", "1969-12-31 23:59:59.999+00", "1970-01-01 00:00:00+00"],
            await ThroughPostgresAsync("values_time", "timestamptz", encoded));
    }

    [Fact]
    public async Task Is_an_array_with_its_nulls()
    {
        var encoded = new List<byte[]>();
        foreach (var write in new Action<BsonWriter>[] { w => w.BeginArray("v").End(), w => w.BeginArray("v").Write("a").WriteNull("").Write("{\"").End(), w => w.BeginArray("v").WriteNull("").End(), w => w.BeginArray("v").Write("").End() })
        {
            var buffer = new FieldBuffer();
            Assert.Equal(Fit.Fits, ValueEncoder.WriteArray(Element(write).Value, ColumnType.Text, buffer));
            encoded.Add(buffer.Written.ToArray());
        }
        Assert.Equal(["{}", "{a,NULL,\"{\\\"\"}", "{NULL}", "{\"\"}"], await ThroughPostgresAsync("values_array", "text[]", encoded));
    }

    public static TheoryData<string, byte[]> NotForJsonb => new()
    {
        { "ContainsNul", Bson.Make(w => w.Write("a", "\0")) },
        { "ContainsNul", Bson.Make(w => w.WriteRaw(BsonType.JavaScriptWithScope, "a", [.. BitConverter.GetBytes(15), 2, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0])) },
        { "ContainsNul", Bson.Make(w => w.WriteRaw(BsonType.DbPointer, "a", [2, 0, 0, 0, 0, 0, .. new byte[12]])) },
        { "NotUtf8", Bson.Make(w => w.WriteUtf8("a", [0xC3])) },
        { "NotUtf8", Bson.Make(w => w.WriteRaw(BsonType.RegularExpression, "a", [0xFF, 0, 0])) },
        { "DuplicateKey", Bson.Make(w => w.Write("a", 1).Write("a", 2)) },
        { "DuplicateKey", Bson.Make(w => w.BeginArray("x").BeginDocument().Write("a", 1).Write("a", 2).End().End()) },
    };

    [Theory]
    [MemberData(nameof(NotForJsonb))]
    public void Is_refused_where_jsonb_would_alter_it(string refusal, byte[] document) => Assert.Equal(refusal, Encode(BsonType.Document, document, ColumnType.Jsonb, []));
}
