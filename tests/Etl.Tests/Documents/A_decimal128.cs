using System.Globalization;
using Etl.Documents;

namespace Etl.Tests.Documents;

/// <summary>Vectors of the BSON corpus (decimal128-1 to -7) and of IEEE 754's limits.</summary>
public sealed class A_decimal128
{
    /// <summary>Sixteen bytes as they lie in a document, and their text.</summary>
    [Theory]
    [InlineData("00000000000000000000000000000000", "0E-6176")]
    [InlineData("00000000000000000000000000004030", "0")]
    [InlineData("000000000000000000000000000040B0", "-0")]
    [InlineData("01000000000000000000000000004030", "1")]
    [InlineData("010000000000000000000000000040B0", "-1")]
    [InlineData("D2040000000000000000000000003430", "0.001234")]
    [InlineData("15CD5B07000000000000000000002030", "1.23456789E-8")]
    [InlineData("F2AF967ED05C82DE3297FF6FDE3CFC2F", "0.1234567890123456789012345678901234")]
    [InlineData("F2AF967ED05C82DE3297FF6FDE3C4030", "1234567890123456789012345678901234")]
    [InlineData("01000000000000000000000000000000", "1E-6176")]
    [InlineData("FFFFFFFF638E8D37C087ADBE09EDFF5F", "9.999999999999999999999999999999999E+6144")]
    [InlineData("FFFFFFFF638E8D37C087ADBE09EDFFDF", "-9.999999999999999999999999999999999E+6144")]
    [InlineData("0000000000000000000000000000007C", "NaN")]
    [InlineData("00000000000000000000000000000078", "Infinity")]
    [InlineData("000000000000000000000000000000F8", "-Infinity")]
    [InlineData("0A000000000000000000000000003E30", "1.0")]
    [InlineData("01000000000000000000000000004230", "1E+1")]
    public void Reads_and_writes_the_known_vectors(string hex, string text)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(text, new Decimal128(bytes).ToString());
        var back = new byte[16];
        Decimal128.Parse(text).CopyTo(back);
        Assert.Equal(hex, Convert.ToHexString(back));
    }

    [Theory]
    [InlineData("1e2", "1E+2")]
    [InlineData("+1.50", "1.50")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("-inf", "-Infinity")]
    [InlineData("0e99999", "0E+6111")]
    [InlineData("0E-99999999999999999999", "0E-6176")]
    [InlineData("000000000000000000000000000000000000001", "1")]
    [InlineData("1E6112", "1.0E+6112")]
    [InlineData("10E-6177", "1E-6176")]
    [InlineData("10000000000000000000000000000000000", "1.000000000000000000000000000000000E+34")]
    public void Reads_other_ways_of_writing_a_number(string text, string canonical) =>
        Assert.Equal(canonical, Decimal128.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("1.2.3")]
    [InlineData("E02")]
    [InlineData("1 ")]
    [InlineData("--1")]
    [InlineData("Infinit")]
    [InlineData("١")]
    public void Refuses_what_is_not_a_number(string text) => Assert.Throws<FormatException>(() => Decimal128.Parse(text));

    [Theory]
    [InlineData("1E6145")]
    [InlineData("1E-6177")]
    [InlineData("12345678901234567890123456789012345")]
    [InlineData("1E999999999")]
    [InlineData("1E-999999999")]
    [InlineData("1E2147483648")]
    [InlineData("1E-99999999999999999999")]
    public void Refuses_what_does_not_fit_exactly(string text) => Assert.Throws<OverflowException>(() => Decimal128.Parse(text));

    [Fact]
    public void Counts_a_coefficient_that_is_not_canonical_as_0()
    {
        Assert.Equal("0", new Decimal128(Convert.FromHexString("00000000648E8D37C087ADBE09ED4130")).ToString());
        Assert.Equal("0", new Decimal128(Convert.FromHexString("0000000000000000000000000000106C")).ToString());
    }

    [Fact]
    public void Reads_a_million_digits_in_no_time()
    {
        string zeros = new('0', 1_000_000);
        Assert.Throws<OverflowException>(() => Decimal128.Parse("1" + zeros));
        Assert.Equal("1", Decimal128.Parse($"{zeros}1").ToString());
        Assert.Equal("1E+6000", Decimal128.Parse($"0.{zeros}1E1006001").ToString());
    }

    [Fact]
    public void Reads_back_what_it_writes()
    {
        var random = new Random(5);
        var bytes = new byte[16];
        for (int number = 0; number < 20_000; number++)
        {
            random.NextBytes(bytes);
            var value = new Decimal128(bytes);
            var again = Decimal128.Parse(value.ToString());
            Assert.Equal(value.ToString(), again.ToString());
            if (value.IsFinite)
                Assert.Equal((value.Coefficient, value.Exponent, value.IsNegative), (again.Coefficient, again.Exponent, again.IsNegative));
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1.10")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001")]
    public void Comes_from_decimal_without_a_loss(string text)
    {
        Decimal128 converted = decimal.Parse(text, CultureInfo.InvariantCulture);
        Assert.Equal(Decimal128.Parse(text), converted);
    }
}
