using Etl.Documents;

namespace Etl.Tests.Documents;

public sealed class Validation_of_bson
{
    static byte[] Nested(int levels)
    {
        var writer = new BsonWriter();
        writer.BeginDocument();
        for (int level = 1; level < levels; level++)
            writer.BeginDocument("d");
        for (int level = 0; level < levels; level++)
            writer.End();
        return writer.ToArray();
    }

    static BsonException Refusal(byte[] document) => Assert.Throws<BsonException>(() => Bson.Validate(document));

    [Fact]
    public void Accepts_a_hundred_levels_and_no_more()
    {
        Bson.Validate(Nested(Bson.MaxDepth));
        Assert.Equal("nested deeper than 100", Refusal(Nested(Bson.MaxDepth + 1)).Problem);
        ExtendedJson.ToString(Nested(Bson.MaxDepth));
        Assert.Throws<BsonException>(() => ExtendedJson.ToString(Nested(Bson.MaxDepth + 1)));
        Assert.Throws<BsonException>(() => ExtendedJson.ValueToString(BsonType.Document, Nested(10_000)));
    }

    [Fact]
    public void Says_the_depth_that_was_asked_for() =>
        Assert.Equal("nested deeper than 2", Assert.Throws<BsonException>(() => Bson.Validate(Nested(3), maxDepth: 2)).Problem);

    [Fact]
    public void Names_path_and_byte_of_text_that_is_not_UTF8()
    {
        var refusal = Refusal(Bson.Make(document => document.BeginDocument("a").BeginArray("b").WriteUtf8("", [0xC3, 0x28]).End().End()));
        Assert.Equal(("text that is not UTF-8", "a.b.0", 21), (refusal.Problem, refusal.Path, refusal.Offset));
    }

    [Theory]
    [InlineData(0xC0, 0x80)] // an overlong NUL
    [InlineData(0xED, 0xA0)] // a surrogate
    [InlineData(0xF5, 0x80)] // above U+10FFFF
    [InlineData(0x61, 0xFF)]
    public void Refuses_text_that_is_not_UTF8(byte first, byte second) =>
        Assert.Equal("text that is not UTF-8", Refusal(Bson.Make(document => document.WriteUtf8("a", [first, second]))).Problem);

    [Fact]
    public void Refuses_a_name_that_is_not_UTF8() =>
        Assert.Equal("a name that is not UTF-8", Refusal([8, 0, 0, 0, 0x0A, 0xFF, 0, 0]).Problem);

    [Fact]
    public void Refuses_a_pattern_that_is_not_UTF8() =>
        Assert.Equal("text that is not UTF-8", Refusal([11, 0, 0, 0, 0x0B, (byte)'a', 0, 0xFF, 0, 0, 0]).Problem);

    [Fact]
    public void Refuses_a_namespace_that_is_not_UTF8() =>
        Assert.Equal("text that is not UTF-8", Refusal(Bson.Make(document =>
            document.WriteRaw(BsonType.DbPointer, "p", [2, 0, 0, 0, 0xFF, 0, .. new byte[12]]))).Problem);

    [Fact]
    public void Names_the_path_of_a_boolean_that_is_neither()
    {
        var refusal = Refusal(Bson.Make(document => document.BeginDocument("a").WriteRaw(BsonType.Boolean, "b", [2]).End()));
        Assert.Equal(("a boolean of 0x02", "a.b"), (refusal.Problem, refusal.Path));
    }

    [Fact]
    public void Refuses_a_wrong_inner_length_of_old_binary() =>
        Assert.Equal("a binary of subtype 2 with a wrong inner length",
            Refusal(Bson.Make(document => document.WriteRaw(BsonType.Binary, "b", [4, 0, 0, 0, 2, 9, 0, 0, 0]))).Problem);

    /// <summary>Every reader would see it, not only who validates: a false inner length once went into bytea as it was.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(-1)]
    public void Never_gives_old_binary_whose_inner_length_is_false(int inner) => Assert.Throws<BsonException>(() =>
    {
        var reader = new BsonReader(Bson.Make(document => document.WriteRaw(BsonType.Binary, "b", [8, 0, 0, 0, 2, .. BitConverter.GetBytes(inner), 1, 2, 3, 4])));
        reader.Read();
    });

    [Fact]
    public void Refuses_a_wrong_length_inside()
    {
        var document = Bson.Make(outer => outer.BeginDocument("a").Write("b", 1).End());
        document[7]++; // the inner document's length
        Assert.Throws<BsonException>(() => Bson.Validate(document));
        document[7] -= 2; // now the inner document's last value reaches over its end
        Assert.Equal("a.b", Refusal(document).Path);
    }

    [Fact]
    public void Reports_keys_that_stand_twice_where_it_is_asked_to()
    {
        var twice = Bson.Make(document => document.BeginArray("l").BeginDocument().Write("k", 1).Write("j", 2).Write("k", 1).End().End());
        Bson.Validate(twice);
        var refusal = Assert.Throws<BsonException>(() => Bson.Validate(twice, uniqueKeys: true));
        Assert.Equal(("a key that stands twice", "l.0.k"), (refusal.Problem, refusal.Path));
        Bson.Validate(Bson.Make(document => document.BeginDocument("a").Write("k", 1).End().Write("k", 1)), uniqueKeys: true);
    }

    [Fact]
    public void Refuses_every_cut()
    {
        var document = RandomDocuments.Make(11);
        for (int length = 0; length < document.Length; length++)
            Refusal(document[..length]);
    }

    [Fact]
    public void Looks_into_the_scope_of_code()
    {
        byte[] scope = Bson.Make(document => document.WriteUtf8("s", [0xFF]));
        var refusal = Refusal(Bson.Make(document =>
            document.WriteRaw(BsonType.JavaScriptWithScope, "c", [.. BitConverter.GetBytes(10 + scope.Length), 2, 0, 0, 0, (byte)'x', 0, .. scope])));
        Assert.Equal("c.s", refusal.Path);
    }
}
