using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Etl.Documents;
using FsCheck;
using FsCheck.Fluent;

namespace Etl.Tests.Documents;

public sealed class Plain_json
{
    static readonly byte[] Position = Bson.Make(w => w.Write("_id", 7));

    static byte[] Convert(ReadOnlySpan<byte> json, byte[]? position = null)
    {
        var writer = new BsonWriter();
        PlainJson.Write(json, position, writer);
        Bson.Validate(writer.Written);
        return writer.ToArray();
    }

    static string Canonical(string json, byte[]? position = null) => ExtendedJson.ToString(Convert(Encoding.UTF8.GetBytes(json), position), relaxed: false);

    static string Refusal(string json) => Refusal(Encoding.UTF8.GetBytes(json));

    static string Refusal(byte[] json) => Assert.Throws<ExtendedJsonException>(() => Convert(json)).Problem;

    static readonly Gen<string> Texts = Gen.Elements("", "a", "$oid", "_id", "x.y", "ä", "語", "🎉", "\"", "\\", "\n", "\u0000b", " null ").Or(ArbMap.Default.GeneratorFor<string>().Select(s =>
        new string([.. (s ?? "").Where(c => !char.IsSurrogate(c))])));

    static readonly Gen<string> Keys = Texts.Select(t => t.Replace("\0", ""));

    static readonly Gen<JsonNode?> Numbers = ArbMap.Default.GeneratorFor<decimal>().Select(d => (JsonNode?)JsonValue.Create(d))
        .Or(ArbMap.Default.GeneratorFor<long>().Select(l => (JsonNode?)JsonValue.Create(l)))
        .Or(ArbMap.Default.GeneratorFor<int>().Select(i => (JsonNode?)JsonValue.Create(i)));

    static Gen<JsonNode?> Values(int depth)
    {
        var leaves = Gen.OneOf(Numbers, Texts.Select(t => (JsonNode?)JsonValue.Create(t)), Gen.Constant<JsonNode?>(null), Gen.Elements(true, false).Select(b => (JsonNode?)JsonValue.Create(b)));
        return depth == 0 ? leaves : Gen.OneOf(leaves, Objects(depth - 1).Select(o => (JsonNode?)o), Gen.ListOf(Values(depth - 1)).Select(l => (JsonNode?)new JsonArray([.. l.Take(4).Select(v => v?.DeepClone())])));
    }

    internal static Gen<JsonObject> Objects(int depth) => Gen.ListOf(Gen.Zip(Keys, Values(depth))).Select(members =>
    {
        var made = new JsonObject();
        foreach (var (name, value) in members.Take(5))
            made[name] = value?.DeepClone();
        return made;
    });

    /// <summary>Reads the document again by another way, and compares value by value with what System.Text.Json sees.</summary>
    static void Same(JsonElement json, BsonReader bson)
    {
        if (json.ValueKind == JsonValueKind.Array)
            foreach (var element in json.EnumerateArray())
            {
                Assert.True(bson.Read());
                SameValue(element, bson);
            }
        else
            foreach (var member in json.EnumerateObject())
            {
                Assert.True(bson.Read());
                Assert.Equal(member.Name, bson.Name);
                SameValue(member.Value, bson);
            }
        Assert.False(bson.Read());
    }

    static void SameValue(JsonElement json, BsonReader bson)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array:
                Assert.Equal(json.ValueKind == JsonValueKind.Object ? BsonType.Document : BsonType.Array, bson.Type);
                Same(json, bson.Nested());
                break;
            case JsonValueKind.String:
                Assert.Equal(json.GetString(), bson.String);
                break;
            case JsonValueKind.Number:
                string text = json.GetRawText();
                bool whole = text.All(c => char.IsAsciiDigit(c) || c == '-') && text != "-0" && long.TryParse(text, out _);
                var expected = !whole ? BsonType.Decimal128 : int.TryParse(text, out _) ? BsonType.Int32 : BsonType.Int64;
                Assert.Equal(expected, bson.Type);
                if (whole)
                    Assert.Equal(text, (expected == BsonType.Int32 ? bson.Int32 : bson.Int64).ToString(CultureInfo.InvariantCulture));
                else
                    Assert.Equal(decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), decimal.Parse(bson.Decimal128.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.Equal(json.GetBoolean(), bson.Boolean);
                break;
            default:
                Assert.Equal(BsonType.Null, bson.Type);
                break;
        }
    }

    [Fact]
    public void Becomes_a_document_with_the_same_tree_of_values() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Objects(4).ToArbitrary(), made =>
    {
        string text = made.ToJsonString();
        using var json = JsonDocument.Parse(text);
        Same(json.RootElement, new BsonReader(Convert(Encoding.UTF8.GetBytes(text))));
    }));

    /// <summary>One byte of each is another than it was: what is still an object means what System.Text.Json says, and what is none is refused.</summary>
    [Fact]
    public void That_was_spoiled_is_what_the_platform_s_parser_sees_or_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(
        Gen.Zip(Objects(3), Gen.Zip(Gen.Choose(0, 200), Gen.Choose(0, 255))).ToArbitrary(), made =>
    {
        var (tree, (at, spoiled)) = made;
        byte[] text = Encoding.UTF8.GetBytes(tree.ToJsonString());
        text[at % text.Length] = (byte)spoiled;
        JsonDocument? theirs = null;
        try
        {
            theirs = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
        }
        using var json = theirs;
        byte[] ours;
        try
        {
            ours = Convert(text);
        }
        catch (ExtendedJsonException refused)
        {
            // What System.Text.Json takes and we do not is of these kinds only.
            Assert.True(theirs is null || theirs.RootElement.ValueKind != JsonValueKind.Object || refused.Problem.Contains("not UTF-8") || refused.Problem.Contains("34 digits") || refused.Problem.Contains("NUL"), refused.Problem);
            return;
        }
        Assert.NotNull(theirs);
        Same(theirs.RootElement, new BsonReader(ours));
    }));

    [Fact]
    public void Takes_the_wrappers_of_extended_json_for_keys() =>
        Assert.Equal("""{"$oid":{"$numberInt":"1"},"x":{"$date":"y"}}""", Canonical("""{"$oid":1,"x":{"$date":"y"}}"""));

    [Theory]
    [InlineData("0", """{"$numberInt":"0"}""")]
    [InlineData("-2147483648", """{"$numberInt":"-2147483648"}""")]
    [InlineData("2147483648", """{"$numberLong":"2147483648"}""")]
    [InlineData("-9223372036854775808", """{"$numberLong":"-9223372036854775808"}""")]
    [InlineData("9223372036854775808", """{"$numberDecimal":"9223372036854775808"}""")]
    [InlineData("-0", """{"$numberDecimal":"-0"}""")]
    [InlineData("1.50", """{"$numberDecimal":"1.50"}""")]
    [InlineData("1e3", """{"$numberDecimal":"1E+3"}""")]
    [InlineData("0.1", """{"$numberDecimal":"0.1"}""")]
    [InlineData("9999999999999999999999999999999999", """{"$numberDecimal":"9999999999999999999999999999999999"}""")]
    [InlineData("1e-6176", """{"$numberDecimal":"1E-6176"}""")]
    public void Keeps_every_number_exactly(string number, string expected) => Assert.Equal($$"""{"a":{{expected}}}""", Canonical($$"""{"a":{{number}}}"""));

    [Theory]
    [InlineData("12345678901234567890123456789012345")]
    [InlineData("0.12345678901234567890123456789012345")]
    [InlineData("1e6145")]
    [InlineData("1e-6177")]
    [InlineData("1e99999999999999999999")]
    public void Refuses_a_number_that_it_would_have_to_round(string number) => Assert.Contains("34 digits", Refusal($$"""{"a":{{number}}}"""));

    [Fact]
    public void Reads_a_million_digits_in_no_time() => Assert.Contains("34 digits", Refusal($$"""{"a":{{new string('7', 1_000_000)}}}"""));

    [Fact]
    public void Puts_the_position_in_front_and_keeps_an_id_of_its_own() =>
        Assert.Equal("""{"_id":{"$numberInt":"7"},"a":{"_id":true},"_source_id":"x"}""", Canonical("""{"a":{"_id":true},"_id":"x"}""", Position));

    [Fact]
    public void Knows_an_id_that_is_written_with_escapes() => Assert.Equal("""{"_id":{"$numberInt":"7"},"_source_id":null}""", Canonical("""{"\u005fid":null}""", Position));

    [Fact]
    public void Keeps_a_key_that_stands_twice() => Assert.Equal("""{"a":null,"a":true}""", Canonical("""{"a":null,"a":true}"""));

    [Fact]
    public void Keeps_a_NUL_in_text() => Assert.Equal("""{"a":"x\u0000y"}""", Canonical("""{"a":"x\u0000y"}"""));

    [Theory]
    [InlineData("""{"a":1} x""", "invalid after a single JSON value")]
    [InlineData("""{"a":1}{"b":2}""", "invalid after a single JSON value")]
    [InlineData("""{"a":""", "Expected")]
    [InlineData("""{"a":1""", "")]
    [InlineData("", "JSON tokens")]
    [InlineData("[1]", "is a JSON object")]
    [InlineData("\"x\"", "is a JSON object")]
    [InlineData("null", "is a JSON object")]
    [InlineData("""{"a":NaN}""", "")]
    [InlineData("""{"a":01}""", "")]
    [InlineData("""{"a":1,}""", "")]
    [InlineData("""{'a':1}""", "")]
    [InlineData("""{"a":1/*c*/}""", "")]
    [InlineData("""{"a":"\ud800"}""", "half a surrogate pair")]
    [InlineData("""{"\udc00":1}""", "half a surrogate pair")]
    [InlineData("""{"a\u0000b":1}""", "a key with a NUL")]
    public void Refuses_what_is_no_object(string json, string reason) => Assert.Contains(reason, Refusal(json));

    [Fact]
    public void Refuses_text_that_is_not_utf8() =>
        Assert.All((byte[][])[[0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]],
            bytes => Assert.Contains("not UTF-8", Refusal([.. "{\"a\":\""u8, .. bytes, .. "\"}"u8])));

    [Fact]
    public void Goes_a_hundred_deep_and_no_deeper()
    {
        static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);
        Convert(Encoding.UTF8.GetBytes(Nested(100)));
        Assert.Equal("nested deeper than 100", Refusal(Nested(101)));
        Assert.Equal("nested deeper than 100", Refusal(Nested(10_000)));
    }

    [Fact]
    public void Refuses_what_grows_too_large_in_BSON() => Assert.Contains("16,777,216 bytes as BSON", Refusal($$"""{"a":[{{string.Join(',', Enumerable.Repeat("1", 1_500_000))}}]}"""));

    [Fact]
    public void Says_where_it_is_wrong_without_the_value()
    {
        var refused = Assert.Throws<ExtendedJsonException>(() => Convert("""{"a":{"b":[1,"secret\ud800"]}}"""u8));
        Assert.Equal(("a.b.1", 13L), (refused.Path, refused.Offset));
        Assert.DoesNotContain("secret", refused.Message);
    }

    [Fact]
    public void Allocates_nothing_for_a_document()
    {
        byte[] json = """{"a":1,"b":[1.25,"text ä",{"c":null}],"_id":true,"e":12345678901}"""u8.ToArray();
        var writer = new BsonWriter(4_096);
        void Run(int times)
        {
            for (int i = 0; i < times; i++)
                PlainJson.Write(json, Position, writer);
        }
        Run(1_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(10_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
    }
}
