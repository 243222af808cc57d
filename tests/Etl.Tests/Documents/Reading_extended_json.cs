using System.Text;
using Etl.Documents;

namespace Etl.Tests.Documents;

/// <summary>Texts and refusals are of the specification: mongodb/specifications, extended-json and bson-corpus (parseErrors of each type and top.json).</summary>
public sealed class Reading_extended_json
{
    const int Documents = 5_000;

    static string Canonical(string json, ExtendedJsonOptions? options = null) => ExtendedJson.ToString(ExtendedJson.Parse(json, options), relaxed: false);

    /// <summary>What text cannot carry: NaN's payload and decimals beyond 34 digits. Everything else must come back bit by bit.</summary>
    static bool HasATextForm(BsonReader reader)
    {
        while (reader.Read())
        {
            if (reader.Type == BsonType.Double && double.IsNaN(reader.Double) && BitConverter.DoubleToInt64Bits(reader.Double) != BitConverter.DoubleToInt64Bits(double.NaN)
                || reader.Type == BsonType.Decimal128 && !IsCanonical(reader.Decimal128, reader.Value)
                || reader.Type is BsonType.Document or BsonType.Array && !HasATextForm(reader.Nested()))
                return false;
            if (reader.Type == BsonType.JavaScriptWithScope)
            {
                reader.CodeWithScope(out var scope);
                if (!HasATextForm(new BsonReader(scope)))
                    return false;
            }
        }
        return true;
    }

    static bool IsCanonical(Decimal128 value, ReadOnlySpan<byte> bytes)
    {
        Span<byte> again = stackalloc byte[16];
        Decimal128.Parse(value.ToString()).CopyTo(again);
        return again.SequenceEqual(bytes);
    }

    [Fact]
    public void Gives_back_every_document_byte_for_byte_from_its_canonical_form()
    {
        var types = new HashSet<BsonType>();
        int compared = 0;
        for (int seed = 0; seed < Documents; seed++)
        {
            var document = RandomDocuments.Make(seed);
            if (!HasATextForm(new BsonReader(document)))
                continue;
            compared++;
            Assert.Equal(document, ExtendedJson.Parse(ExtendedJson.ToString(document, relaxed: false)));
            for (var reader = new BsonReader(document); reader.Read();)
                types.Add(reader.Type);
        }
        Assert.InRange(compared, Documents / 2, Documents);
        Assert.Equal(Enum.GetValues<BsonType>().Length - 1, types.Count); // all but the end of a document
    }

    /// <summary>Relaxed form forgets the width of whole numbers, and nothing else: written again it is the same text.</summary>
    [Fact]
    public void Gives_back_the_relaxed_form_of_every_document()
    {
        for (int seed = 0; seed < Documents; seed++)
        {
            string relaxed = ExtendedJson.ToString(RandomDocuments.Make(seed));
            Assert.Equal(relaxed, ExtendedJson.ToString(ExtendedJson.Parse(relaxed, ExtendedJsonOptions.Relaxed)));
        }
    }

    [Fact]
    public void Gives_a_document_or_its_exception_for_any_text()
    {
        var random = new Random(3);
        string[] pieces = ["{", "}", "[", "]", ",", ":", "\"", "\\", "$oid", "\"$date\"", "\\ud800", "null", "1e999", "-0", "\u0001", "\n", "{\"$code\":", "{\"a\":"];
        int read = 0;
        for (int i = 0; i < 30_000; i++)
        {
            var text = Encoding.UTF8.GetBytes(ExtendedJson.ToString(RandomDocuments.Make(i % 700), relaxed: i % 2 == 0)).ToList();
            for (int edits = random.Next(1, 4); edits > 0; edits--)
            {
                int at = random.Next(text.Count);
                if (random.Next(2) == 0)
                    text.RemoveRange(at, random.Next(Math.Min(9, text.Count - at)));
                text.InsertRange(Math.Min(at, text.Count), random.Next(3) == 0 ? [(byte)random.Next(256)] : Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
            }
            byte[] json = [.. text];
            try
            {
                Bson.Validate(ExtendedJson.Parse(json));
                read++;
            }
            catch (ExtendedJsonException e)
            {
                Assert.InRange(e.Offset, 0, json.Length);
                Assert.InRange(e.Line, 1, 100);
            }
        }
        Assert.InRange(read, 1, 20_000);
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":{"$numberInt":"1"}}""")]
    [InlineData("""{"a":2147483648}""", """{"a":{"$numberLong":"2147483648"}}""")]
    [InlineData("""{"a":9223372036854775808}""", """{"a":{"$numberDecimal":"9223372036854775808"}}""")]
    [InlineData("""{"a":1.10}""", """{"a":{"$numberDecimal":"1.10"}}""")]
    [InlineData("""{"a":1e2}""", """{"a":{"$numberDecimal":"1E+2"}}""")]
    [InlineData("""{"a":-0}""", """{"a":{"$numberDecimal":"-0"}}""")]
    public void Keeps_bare_numbers_exactly(string json, string canonical) => Assert.Equal(canonical, Canonical(json));

    [Theory]
    [InlineData("""{"a":9223372036854775808}""", """{"a":{"$numberDouble":"9.223372036854776E+18"}}""")]
    [InlineData("""{"a":1.10}""", """{"a":{"$numberDouble":"1.1"}}""")]
    [InlineData("""{"a":-0}""", """{"a":{"$numberDouble":"-0.0"}}""")]
    public void Makes_doubles_of_bare_fractions_where_it_is_told_to(string json, string canonical) => Assert.Equal(canonical, Canonical(json, ExtendedJsonOptions.Relaxed));

    [Theory]
    [InlineData("""{"a":{"$uuid":"73ffd264-44b3-4c69-90e8-e7d1dfc035d4"}}""", """{"a":{"$binary":{"base64":"c//SZESzTGmQ6OfR38A11A==","subType":"04"}}}""")]
    [InlineData("""{"a":{"$binary":{"subType":"0","base64":""}}}""", """{"a":{"$binary":{"base64":"","subType":"00"}}}""")]
    [InlineData("""{"a":{"$date":"2012-12-24T12:15:30.501+01:00"}}""", """{"a":{"$date":{"$numberLong":"1356347730501"}}}""")]
    [InlineData("""{"a":{"$date":"2012-12-24T12:15:30Z"}}""", """{"a":{"$date":{"$numberLong":"1356351330000"}}}""")]
    [InlineData("""{"a":{"$scope":{},"$code":"x"}}""", """{"a":{"$code":"x","$scope":{}}}""")]
    [InlineData("""{"a":{"$timestamp":{"i":1,"t":4294967295}}}""", """{"a":{"$timestamp":{"t":4294967295,"i":1}}}""")]
    [InlineData("""{"a":{"\u0024oid":"56e1fc72e0c917e9c4714161"}}""", """{"a":{"$oid":"56e1fc72e0c917e9c4714161"}}""")]
    [InlineData("""{"a":{"$ref":"c","$id":{"$oid":"56e1fc72e0c917e9c4714161"}}}""", """{"a":{"$ref":"c","$id":{"$oid":"56e1fc72e0c917e9c4714161"}}}""")]
    [InlineData("""{"a":{"$regex":"x","$options":"i"}}""", """{"a":{"$regex":"x","$options":"i"}}""")]
    [InlineData("""{"a":{"$type":"string","$key":true}}""", """{"a":{"$type":"string","$key":true}}""")]
    [InlineData("""{"b":1,"b":2,"":[]}""", """{"b":{"$numberInt":"1"},"b":{"$numberInt":"2"},"":[]}""")]
    [InlineData("""{"$db":"x","a":"\ud83c\udf89"}""", """{"$db":"x","a":"🎉"}""")]
    public void Reads_what_others_write(string json, string canonical) => Assert.Equal(canonical, Canonical(json));

    [Theory]
    [InlineData("""{"$oid":42}""", "$oid that is not a text")]
    [InlineData("""{"$oid":"56e1fc72e0c917e9c471416"}""", "an $oid that is not 24 hex digits")]
    [InlineData("""{"$oid":"56e1fc72e0c917e9c4714161","x":1}""", "a key beside $oid")]
    [InlineData("""{"$numberInt":42}""", "$numberInt that is not a text")]
    [InlineData("""{"$numberInt":"2147483648"}""", "no whole number from -2147483648 to 2147483647")]
    [InlineData("""{"$numberLong":"9223372036854775808"}""", "no whole number from ")]
    [InlineData("""{"$numberDouble":"1,0"}""", "a $numberDouble that is not a double")]
    [InlineData("""{"$numberDouble":"1e400"}""", "a $numberDouble that is not a double")]
    [InlineData("""{"$numberDouble":"infinity"}""", "a $numberDouble that is not a double")]
    [InlineData("""{"$numberDecimal":"E02"}""", "text that is not a decimal number")]
    [InlineData("""{"$numberDecimal":"12345678901234567890123456789012345"}""", "a number that does not fit a Decimal128")]
    [InlineData("""{"$date":42}""", "$date that is not a text")]
    [InlineData("""{"$date":"1/2/2003"}""", "a $date that is not ISO 8601 to the millisecond")]
    [InlineData("""{"$date":"2012-12-24T12:15:30.5011Z"}""", "a $date that is not ISO 8601 to the millisecond")]
    [InlineData("""{"$date":{"$numberInt":"1"}}""", "a $date that is neither a text nor a $numberLong")]
    [InlineData("""{"$binary":"abcd"}""", "$binary that is not an object")]
    [InlineData("""{"$binary":{"base64":"//8="}}""", "$binary needs base64 and subType")]
    [InlineData("""{"$binary":{"base64":"///","subType":"00"}}""", "a $binary that is not base64")]
    [InlineData("""{"$binary":{"base64":"","subType":"100"}}""", "a subType that is not one or two hex digits")]
    [InlineData("""{"$binary":{"base64":"","base64":"","subType":"00"}}""", "$binary has base64 and subType, once each, and nothing else")]
    [InlineData("""{"$uuid":"73ffd26444b34c6990e8e7d1dfc035d4"}""", "a $uuid that is not 8-4-4-4-12 hex digits")]
    [InlineData("""{"$timestamp":{"t":"123","i":42}}""", "a part of a $timestamp that is not a whole number")]
    [InlineData("""{"$timestamp":{"t":-1,"i":42}}""", "a part of a $timestamp that is not a whole number")]
    [InlineData("""{"$timestamp":{"t":1,"i":42,"x":1}}""", "$timestamp has t and i, once each, and nothing else")]
    [InlineData("""{"$regularExpression":{"pattern":"a"}}""", "$regularExpression needs pattern and options")]
    [InlineData("""{"$regularExpression":{"pattern":"a\u0000","options":""}}""", "a regular expression with a NUL")]
    [InlineData("""{"$code":42}""", "$code that is not a text")]
    [InlineData("""{"$code":"","$scope":1}""", "a $scope that is not a document")]
    [InlineData("""{"$code":"","$scope":{},"x":1}""", "a key beside $code and $scope")]
    [InlineData("""{"$scope":{}}""", "$scope without $code")]
    [InlineData("""{"$symbol":1}""", "$symbol that is not a text")]
    [InlineData("""{"$dbPointer":{"$ref":"b","$id":"x"}}""", "$id that is not an object")]
    [InlineData("""{"$minKey":true}""", "$minKey that is not 1")]
    [InlineData("""{"$maxKey":2}""", "$maxKey that is not 1")]
    [InlineData("""{"$undefined":false}""", "$undefined that is not true")]
    [InlineData("""{"a\u0000b":1}""", "a key with a NUL")]
    [InlineData("\"\\ud800\"", "text that is not UTF-8, or half a surrogate pair")]
    [InlineData("1e99999", "a number that does not fit a Decimal128")]
    [InlineData("01", "Invalid leading zero before '1'")]
    [InlineData("nul", "'nul")]
    public void Refuses_what_the_specification_refuses(string value, string problem)
    {
        var refused = Assert.Throws<ExtendedJsonException>(() => ExtendedJson.Parse($"{{\"x\": [7,\n{{\"y\": {value}}}]}}"));
        Assert.StartsWith(problem, refused.Problem);
        Assert.Equal(2, refused.Line);
        Assert.StartsWith("x.1.y", refused.Path);
    }

    [Theory]
    [InlineData("", "The input does not contain any JSON tokens")]
    [InlineData("[]", "a document is a JSON object")]
    [InlineData("""{"$oid":"56e1fc72e0c917e9c4714161"}""", "a document is a JSON object, and no value of another type")]
    [InlineData("{} {}", "'{' is invalid after a single JSON value")]
    [InlineData("{\"a\":1,}", "The JSON object contains a trailing comma")]
    [InlineData("{/**/}", "'/' is invalid after a value")]
    public void Refuses_what_is_no_document(string json, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<ExtendedJsonException>(() => ExtendedJson.Parse(json)).Problem);

    [Fact]
    public void Shows_no_value_in_its_errors() => Assert.DoesNotContain(
        "Geheim", Assert.Throws<ExtendedJsonException>(() => ExtendedJson.Parse("""{"a":{"$oid":"Geheimnis"}}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Goes_a_hundred_levels_deep_and_no_deeper()
    {
        static string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"a\":{\"$code\":\"\",\"$scope\":", levels - 1)) + "{}" + new string('}', 2 * (levels - 1));
        Bson.Validate(ExtendedJson.Parse(Nested(100)));
        Assert.Equal("nested deeper than 100", Assert.Throws<ExtendedJsonException>(() => ExtendedJson.Parse(Nested(101))).Problem);
        Assert.Throws<ExtendedJsonException>(() => ExtendedJson.Parse("{\"a\":" + new string('[', 100_000)));
    }

    [Fact]
    public void Skips_a_byte_order_mark() => Assert.Equal("""{"a":true}""", ExtendedJson.ToString(ExtendedJson.Parse([0xEF, 0xBB, 0xBF, .. """{"a":true}"""u8])));
}
