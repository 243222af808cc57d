using System.Buffers.Binary;
using System.Text;
using Etl.Contracts;
using Etl.Flattening;

namespace Etl.Tests.Flattening;

public sealed class A_hash
{
    /// <summary>SMHasher's verification of a hash: keys 0, 01, 012 … hashed with falling seeds, their hashes hashed; MurmurHash3_x64_128 gives 0x6384BA69.</summary>
    [Fact]
    public void Is_MurmurHash3_by_its_verification_value()
    {
        var hashes = new byte[256 * 16];
        for (int i = 0; i < 256; i++)
            Write(Hash128.Of([.. Enumerable.Range(0, i).Select(n => (byte)n)], (ulong)(256 - i), (ulong)(256 - i)), hashes.AsSpan(i * 16));
        var final = new byte[16];
        Write(Hash128.Of(hashes), final);
        Assert.Equal(0x6384BA69u, BinaryPrimitives.ReadUInt32LittleEndian(final));

        static void Write(Hash128 hash, Span<byte> to)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to, hash.High);
            BinaryPrimitives.WriteUInt64LittleEndian(to[8..], hash.Low);
        }
    }

    /// <summary>Vectors of Guava and of Python's mmh3.</summary>
    [Theory]
    [InlineData("", "00000000000000000000000000000000")]
    [InlineData("hello", "cbd8a7b341bd9b025b1e906a48ae1d19")]
    [InlineData("The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c7a433ca9c49a9347")]
    public void Of_known_texts_is_known(string text, string hex) => Assert.Equal(hex, Hash128.Of(Encoding.UTF8.GetBytes(text)).ToString());

    [Fact]
    public void Adds_up_as_one_number_of_128_bits() =>
        Assert.Equal(new Hash128(4, 1), new Hash128(1, ulong.MaxValue) + new Hash128(2, 2));

    [Fact]
    public void Is_read_as_it_is_written()
    {
        var (hash, bytes) = (Hash128.Of("x"u8), new byte[Hash128.Size]);
        hash.CopyTo(bytes);
        Assert.Equal(hash, Hash128.Read(bytes));
        Assert.Equal(hash.ToString(), hash.ToGuid().ToString("n"));
        Assert.Equal(hash.ToString(), Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Differs_by_each_of_its_seeds()
    {
        var data = "x"u8.ToArray();
        Assert.Equal(3, new[] { Hash128.Of(data), Hash128.Of(data, 1), Hash128.Of(data, 0, 1) }.Distinct().Count());
    }

    static UInt128 Of(Column column, byte[] value) => new RowHasher(new Table { Schema = "s", Name = "t", Kind = TableKind.Root, Dataset = Everything.Dataset, Source = Everything.Dataset.Root, Scope = 0, Columns = [column], DocumentKey = [] }).Column(0, value);

    /// <summary>Somebody may have written by hand what no document becomes; it is judged all the same.</summary>
    [Fact]
    public void Of_json_that_is_deeper_than_any_of_ours_is_one()
    {
        static byte[] Nested(int depth) => [1, .. Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth))];
        var json = new Column { Name = "c", Type = ColumnType.Jsonb };
        Assert.NotEqual(Of(json, Nested(2_000)), Of(json, Nested(2_001)));
    }

    /// <summary>In SQL, the first element of '[0:1]={a,b}' is another than that of '{a,b}'.</summary>
    [Fact]
    public void Of_an_array_knows_where_its_subscripts_begin()
    {
        static byte[] Array(int begin)
        {
            var buffer = new FieldBuffer(64);
            foreach (int word in (int[])[1, 0, 25, 1, begin, 1])
                buffer.Int32(word);
            buffer.Byte((byte)'a');
            return buffer.Written.ToArray();
        }
        var texts = new Column { Name = "c", Type = ColumnType.Text, IsArray = true };
        Assert.Equal(Of(texts, Array(1)), Of(texts, Array(1)));
        Assert.NotEqual(Of(texts, Array(1)), Of(texts, Array(0)));
    }
}
