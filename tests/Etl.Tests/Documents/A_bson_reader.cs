using Etl.Documents;
using FsCheck;
using FsCheck.Fluent;

namespace Etl.Tests.Documents;

public sealed class A_bson_reader
{
    const int Inputs = 20_000;

    /// <summary>Touches every value in every way there is; returns how many elements it saw.</summary>
    static int Walk(BsonReader reader, int depthLeft = 200)
    {
        int seen = 0;
        while (reader.Read())
        {
            seen++;
            _ = reader.Name;
            Assert.True(reader.ValueOffset + reader.Value.Length < int.MaxValue);
            switch (reader.Type)
            {
                case BsonType.Double: _ = reader.Double; break;
                case BsonType.String or BsonType.Symbol or BsonType.JavaScript: _ = reader.String; break;
                case BsonType.Document or BsonType.Array when depthLeft > 0: seen += Walk(reader.Nested(), depthLeft - 1); break;
                case BsonType.Binary: _ = reader.BinaryBytes.Length + reader.BinarySubtype; break;
                case BsonType.ObjectId: _ = reader.ObjectId[11]; break;
                case BsonType.Boolean: _ = reader.Boolean; break;
                case BsonType.DateTime: _ = reader.DateTime; break;
                case BsonType.RegularExpression: _ = reader.Regex; break;
                case BsonType.DbPointer: _ = reader.DbPointer(out _).Length; break;
                case BsonType.JavaScriptWithScope:
                    _ = reader.CodeWithScope(out var scope).Length;
                    seen += Walk(new BsonReader(scope), depthLeft - 1);
                    break;
                case BsonType.Int32: _ = reader.Int32; break;
                case BsonType.Timestamp: _ = reader.Timestamp; break;
                case BsonType.Int64: _ = reader.Int64; break;
                case BsonType.Decimal128: _ = reader.Decimal128.ToString(); break;
            }
        }
        return seen;
    }

    /// <summary>Whether it read to the end; anything but a BsonException flies on and fails the test.</summary>
    static bool Reads(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Walk(new BsonReader(bytes));
            ExtendedJson.ToString(bytes);
            Bson.Validate(bytes);
            return true;
        }
        catch (BsonException e)
        {
            Assert.InRange(e.Offset, 0, bytes.Length);
            return false;
        }
    }

    [Fact]
    public void Gives_values_or_a_BsonException_for_any_bytes() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Inputs), Prop.ForAll<byte[]>(bytes => { Reads(bytes); }));

    [Fact]
    public void Gives_values_or_a_BsonException_for_any_bytes_in_a_frame_of_the_right_length() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Inputs), Prop.ForAll<byte[]>(bytes =>
        {
            Reads([.. BitConverter.GetBytes(bytes.Length + 5), .. bytes, 0]);
        }));

    [Fact]
    public void Gives_values_or_a_BsonException_for_damaged_documents()
    {
        int read = 0;
        var random = new Random(1);
        for (int input = 0; input < Inputs; input++)
        {
            var document = RandomDocuments.Make(input % 500);
            for (int damage = random.Next(1, 4); damage > 0; damage--)
                document[random.Next(4, document.Length)] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
            read += Reads(document) ? 1 : 0;
        }
        Assert.InRange(read, 1, Inputs - 1); // damage is sometimes seen and sometimes only changes a value
    }

    [Fact]
    public void Gives_a_BsonException_for_every_cut_of_a_document()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var document = RandomDocuments.Make(seed);
            for (int length = 0; length < document.Length; length++)
            {
                var cut = document[..length];
                Assert.False(Reads(cut));
                if (length < 4)
                    continue;
                BitConverter.TryWriteBytes(cut, length); // the cut now claims to be whole
                Reads(cut);
            }
        }
    }

    [Fact]
    public void Never_reads_past_its_span()
    {
        // A string whose length reaches into the bytes after the document, which hold the NUL that it would need.
        byte[] buffer = [14, 0, 0, 0, 2, (byte)'a', 0, 3, 0, 0, 0, (byte)'x', (byte)'y', 0, 0, 0, 0];
        Assert.Throws<BsonException>(() => Walk(new BsonReader(buffer.AsSpan(0, 14))));
    }

    [Theory]
    [InlineData("", "0 bytes, the smallest document has 5")]
    [InlineData("04000000", "4 bytes, the smallest document has 5")]
    [InlineData("0600000000", "its length says 6, there are 5 bytes")]
    [InlineData("FFFFFFFF00", "its length says -1, there are 5 bytes")]
    [InlineData("0500000001", "the closing NUL is missing")]
    [InlineData("0800000020610000", "unknown element type 0x20")]
    [InlineData("070000000A6100", "a name without its closing NUL")]
    [InlineData("0A000000106100010200", "a int value of 4 bytes, 2 are left")]
    [InlineData("0D000000026100000000000000", "a length of 0, 5 bytes are left")]
    [InlineData("0E00000002610002000000787900", "text without its closing NUL")]
    [InlineData("0D000000056100FFFFFFFF0000", "a length of -1, 5 bytes are left")]
    [InlineData("09000000086100", "its length says 9, there are 7 bytes")]
    [InlineData("090000000861000200", "a boolean of 0x02")]
    [InlineData("0D000000036100060000000000", "a length of 6, 5 bytes are left")]
    [InlineData("0C0000000B610078797A7800", "a regular expression without its closing NUL")]
    public void Says_what_is_wrong(string hex, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<BsonException>(() => Walk(new BsonReader(Convert.FromHexString(hex)))).Problem);

    [Fact]
    public void Finds_a_value_that_stands_alone()
    {
        var reader = BsonReader.OnValue(BsonType.Int32, [1, 2, 0, 0]);
        Assert.Equal(513, reader.Int32);
        Assert.Equal("", reader.Name);
        Assert.False(reader.Read());
        Assert.Equal(BsonType.Null, BsonReader.OnValue(BsonType.Null, []).Type);
    }

    [Fact]
    public void Refuses_bytes_that_are_not_one_value() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Inputs),
        Prop.ForAll<byte, byte[]>((type, bytes) =>
        {
            try
            {
                ExtendedJson.ValueToString((BsonType)type, bytes);
            }
            catch (BsonException)
            {
            }
        }));
}
