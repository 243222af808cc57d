using System.Text.Json;
using Etl.Documents;

namespace Etl.Tests.Documents;

/// <summary>Expected texts are from the specification: mongodb/specifications, extended-json and bson-corpus.</summary>
public sealed class Extended_json
{
    /// <summary>Hex documents of the BSON corpus, with their canonical and relaxed texts.</summary>
    [Theory]
    [InlineData("0500000000", "{}", "{}")]
    [InlineData("10000000016400000000000000F03F00", """{"d":{"$numberDouble":"1.0"}}""", """{"d":1.0}""")]
    [InlineData("10000000016400000000008000F0BF00", """{"d":{"$numberDouble":"-1.0001220703125"}}""", """{"d":-1.0001220703125}""")]
    [InlineData("100000000164002A1BF5F41022B14300", """{"d":{"$numberDouble":"1.2345678921232E+18"}}""", """{"d":1.2345678921232E+18}""")]
    [InlineData("10000000016400000000000000008000", """{"d":{"$numberDouble":"-0.0"}}""", """{"d":-0.0}""")]
    [InlineData("10000000016400000000000000000000", """{"d":{"$numberDouble":"0.0"}}""", """{"d":0.0}""")]
    [InlineData("10000000016400000000000000F87F00", """{"d":{"$numberDouble":"NaN"}}""", """{"d":{"$numberDouble":"NaN"}}""")]
    [InlineData("10000000016400000000000000F07F00", """{"d":{"$numberDouble":"Infinity"}}""", """{"d":{"$numberDouble":"Infinity"}}""")]
    [InlineData("10000000016400000000000000F0FF00", """{"d":{"$numberDouble":"-Infinity"}}""", """{"d":{"$numberDouble":"-Infinity"}}""")]
    [InlineData("0E00000002610002000000620000", """{"a":"b"}""", """{"a":"b"}""")]
    [InlineData("190000000261000D000000C3A9C3A9C3A9C3A9C3A9C3A90000", """{"a":"éééééé"}""", """{"a":"éééééé"}""")]
    [InlineData("190000000261000D0000006162006261620062616261620000", """{"a":"ab\u0000bab\u0000babab"}""", """{"a":"ab\u0000bab\u0000babab"}""")]
    [InlineData("160000000378000E0000000261000200000062000000", """{"x":{"a":"b"}}""", """{"x":{"a":"b"}}""")]
    [InlineData("140000000461000C0000001030000A0000000000", """{"a":[{"$numberInt":"10"}]}""", """{"a":[10]}""")]
    [InlineData("0D000000057800000000000000", """{"x":{"$binary":{"base64":"","subType":"00"}}}""", """{"x":{"$binary":{"base64":"","subType":"00"}}}""")]
    [InlineData("0F0000000578000200000000FFFF00", """{"x":{"$binary":{"base64":"//8=","subType":"00"}}}""", """{"x":{"$binary":{"base64":"//8=","subType":"00"}}}""")]
    [InlineData("13000000057800060000000202000000FFFF00", """{"x":{"$binary":{"base64":"//8=","subType":"02"}}}""", """{"x":{"$binary":{"base64":"//8=","subType":"02"}}}""")]
    [InlineData("1D000000057800100000000473FFD26444B34C6990E8E7D1DFC035D400", """{"x":{"$binary":{"base64":"c//SZESzTGmQ6OfR38A11A==","subType":"04"}}}""", """{"x":{"$binary":{"base64":"c//SZESzTGmQ6OfR38A11A==","subType":"04"}}}""")]
    [InlineData("0F0000000578000200000080FFFF00", """{"x":{"$binary":{"base64":"//8=","subType":"80"}}}""", """{"x":{"$binary":{"base64":"//8=","subType":"80"}}}""")]
    [InlineData("0800000006610000", """{"a":{"$undefined":true}}""", """{"a":{"$undefined":true}}""")]
    [InlineData("1400000007610056E1FC72E0C917E9C471416100", """{"a":{"$oid":"56e1fc72e0c917e9c4714161"}}""", """{"a":{"$oid":"56e1fc72e0c917e9c4714161"}}""")]
    [InlineData("090000000862000100", """{"b":true}""", """{"b":true}""")]
    [InlineData("090000000862000000", """{"b":false}""", """{"b":false}""")]
    [InlineData("10000000096100000000000000000000", """{"a":{"$date":{"$numberLong":"0"}}}""", """{"a":{"$date":"1970-01-01T00:00:00Z"}}""")]
    [InlineData("10000000096100C5D8D6CC3B01000000", """{"a":{"$date":{"$numberLong":"1356351330501"}}}""", """{"a":{"$date":"2012-12-24T12:15:30.501Z"}}""")]
    [InlineData("10000000096100C33CE7B9BDFFFFFF00", """{"a":{"$date":{"$numberLong":"-284643869501"}}}""", """{"a":{"$date":{"$numberLong":"-284643869501"}}}""")]
    [InlineData("1000000009610000DC1FD277E6000000", """{"a":{"$date":{"$numberLong":"253402300800000"}}}""", """{"a":{"$date":{"$numberLong":"253402300800000"}}}""")]
    [InlineData("10000000096100FFDB1FD277E6000000", """{"a":{"$date":{"$numberLong":"253402300799999"}}}""", """{"a":{"$date":"9999-12-31T23:59:59.999Z"}}""")]
    [InlineData("080000000A610000", """{"a":null}""", """{"a":null}""")]
    [InlineData("0A0000000B6100000000", """{"a":{"$regularExpression":{"pattern":"","options":""}}}""", """{"a":{"$regularExpression":{"pattern":"","options":""}}}""")]
    [InlineData("0F0000000B610061626300696D0000", """{"a":{"$regularExpression":{"pattern":"abc","options":"im"}}}""", """{"a":{"$regularExpression":{"pattern":"abc","options":"im"}}}""")]
    [InlineData("1A0000000C610002000000620056E1FC72E0C917E9C471416100", """{"a":{"$dbPointer":{"$ref":"b","$id":{"$oid":"56e1fc72e0c917e9c4714161"}}}}""", """{"a":{"$dbPointer":{"$ref":"b","$id":{"$oid":"56e1fc72e0c917e9c4714161"}}}}""")]
    [InlineData("0E0000000D610002000000620000", """{"a":{"$code":"b"}}""", """{"a":{"$code":"b"}}""")]
    [InlineData("0E0000000E610002000000620000", """{"a":{"$symbol":"b"}}""", """{"a":{"$symbol":"b"}}""")]
    [InlineData("210000000F6100190000000500000061626364000C000000107800010000000000", """{"a":{"$code":"abcd","$scope":{"x":{"$numberInt":"1"}}}}""", """{"a":{"$code":"abcd","$scope":{"x":1}}}""")]
    [InlineData("0C0000001069000000008000", """{"i":{"$numberInt":"-2147483648"}}""", """{"i":-2147483648}""")]
    [InlineData("100000001161002A00000015CD5B0700", """{"a":{"$timestamp":{"t":123456789,"i":42}}}""", """{"a":{"$timestamp":{"t":123456789,"i":42}}}""")]
    [InlineData("10000000116100FFFFFFFFFFFFFFFF00", """{"a":{"$timestamp":{"t":4294967295,"i":4294967295}}}""", """{"a":{"$timestamp":{"t":4294967295,"i":4294967295}}}""")]
    [InlineData("10000000126100000000000000008000", """{"a":{"$numberLong":"-9223372036854775808"}}""", """{"a":-9223372036854775808}""")]
    [InlineData("18000000136400010000000000000000000000000040B000", """{"d":{"$numberDecimal":"-1"}}""", """{"d":{"$numberDecimal":"-1"}}""")]
    [InlineData("08000000FF610000", """{"a":{"$minKey":1}}""", """{"a":{"$minKey":1}}""")]
    [InlineData("080000007F610000", """{"a":{"$maxKey":1}}""", """{"a":{"$maxKey":1}}""")]
    public void Writes_each_type_as_the_specification_says(string hex, string canonical, string relaxed)
    {
        var document = Convert.FromHexString(hex);
        Assert.Equal(canonical, ExtendedJson.ToString(document, relaxed: false));
        Assert.Equal(relaxed, ExtendedJson.ToString(document));
    }

    [Fact]
    public void Covers_every_type() => Assert.All(Enum.GetValues<BsonType>().Where(type => type != BsonType.EndOfDocument), type =>
    {
        for (int seed = 0; seed < 5_000; seed++)
            for (var reader = new BsonReader(RandomDocuments.Make(seed)); reader.Read();)
                if (reader.Type == type)
                {
                    using var _ = JsonDocument.Parse(ExtendedJson.ValueToString(reader.Type, reader.Value));
                    return;
                }
        Assert.Fail("no such value");
    });

    [Fact]
    public void Is_JSON_whatever_the_document()
    {
        var deep = new JsonDocumentOptions { MaxDepth = 1_000, AllowDuplicateProperties = true };
        for (int seed = 0; seed < 5_000; seed++)
        {
            using var canonical = JsonDocument.Parse(ExtendedJson.ToString(RandomDocuments.Make(seed), relaxed: false), deep);
            using var relaxed = JsonDocument.Parse(ExtendedJson.ToString(RandomDocuments.Make(seed)), deep);
        }
    }

    [Fact]
    public void Writes_a_value_as_it_stands_in_its_document()
    {
        for (int seed = 0; seed < 1_000; seed++)
        {
            var document = RandomDocuments.Make(seed);
            var members = new List<string>();
            for (var reader = new BsonReader(document); reader.Read();)
                members.Add($"{ExtendedJson.ValueToString(BsonType.String, Text(reader.NameUtf8))}:{ExtendedJson.ValueToString(reader.Type, reader.Value, relaxed: false)}");
            Assert.Equal(ExtendedJson.ToString(document, relaxed: false), $"{{{string.Join(',', members)}}}");
        }

        static byte[] Text(ReadOnlySpan<byte> utf8) => [.. BitConverter.GetBytes(utf8.Length + 1), .. utf8, 0];
    }

    [Theory]
    [InlineData(1e17, "1.0E+17")]
    [InlineData(1e-7, "1.0E-07")]
    [InlineData(123456789012345d, "123456789012345.0")]
    [InlineData(0.1, "0.1")]
    [InlineData(5e-324, "5.0E-324")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    public void Writes_doubles_so_that_they_read_back_the_same(double value, string text)
    {
        Assert.Equal($$"""{"d":{{text}}}""", ExtendedJson.ToString(Bson.Make(document => document.Write("d", value))));
        Assert.Equal(value, JsonDocument.Parse(text).RootElement.GetDouble());
    }

    [Fact]
    public void Escapes_what_JSON_demands_and_nothing_else() => Assert.Equal(
        """{"\"k\\":"\u0000\u0001\b\t\n\u000b\f\r\u001f /<>&'+ü語🎉"}""",
        ExtendedJson.ToString(Bson.Make(document => document.Write("\"k\\", "\0\u0001\b\t\n\v\f\r\u001f /<>&'+ü語🎉"))));

    [Fact]
    public void Shows_bytes_that_are_not_UTF8_as_replacement_characters()
    {
        Assert.Equal("""{"a":"x�y"}""", ExtendedJson.ToString(Bson.Make(document => document.WriteUtf8("a", [(byte)'x', 0xFF, (byte)'y']))));
        Assert.Equal("""{"�":null}""", ExtendedJson.ToString([8, 0, 0, 0, 0x0A, 0xFF, 0, 0]));
        Assert.Equal(
            """{"$regularExpression":{"pattern":"�","options":""}}""",
            ExtendedJson.ValueToString(BsonType.RegularExpression, [0xFF, 0, 0]));
    }

    [Fact]
    public void Keeps_keys_in_order_even_twice() => Assert.Equal(
        """{"b":1,"a":2,"b":3}""", ExtendedJson.ToString(Bson.Make(document => document.Write("b", 1).Write("a", 2).Write("b", 3))));
}
