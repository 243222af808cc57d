using System.Text;
using Etl.Contracts;

namespace Etl.Tests.Contracts;

public sealed class A_name_of_our_own
{
    [Theory]
    [InlineData("staged_users")]
    [InlineData("exactly_sixty_three_bytes_______________________________________")]
    public void Stays_as_it_is_when_it_fits(string name) =>
        Assert.Equal(Encoding.UTF8.GetByteCount(name) <= Identifier.MaxBytes, Identifier.Fit(name) == name);

    [Fact]
    public void Fits_whatever_it_is_made_of_and_never_becomes_another()
    {
        string[] letters = ["a", "ж", "漢", "😀"];
        var names = letters.SelectMany(l => Enumerable.Range(1, 130).Select(n => string.Concat(Enumerable.Repeat(l, n)))).ToList();
        var fitted = names.Select(Identifier.Fit).ToList();
        Assert.All(fitted, name => Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, Identifier.MaxBytes));
        Assert.All(fitted, name => Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name))));
        Assert.Equal(names.Count, fitted.Distinct().Count());
    }
}
