using Etl.Documents;
using Etl.Tests.Contracts;
using Etl.Validation;

namespace Etl.Tests.Validation;

public sealed class A_personal_mask
{
    static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    static byte[] Position(string id) => Bson.Make(w => w.Write("_id", id));

    [Fact]
    public void Is_the_same_for_the_same_value_and_key_alone()
    {
        var mask = new PersonalMask(Key);
        Assert.Equal(mask.Of("geheim@example.org"), new PersonalMask(Key).Of("geheim@example.org"));
        Assert.Matches(@"^\*\*\* [0-9a-f]{16}$", mask.Of("geheim@example.org"));
        Assert.NotEqual(mask.Of("geheim@example.org"), mask.Of("geheim@example.com"));
        Assert.NotEqual(mask.Of("geheim@example.org"), new PersonalMask([.. Key.Reverse()]).Of("geheim@example.org"));
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(i => mask.Of($"user {i}")).Distinct().Count());
    }

    [Fact]
    public void Hides_a_personal_key_and_shows_any_other()
    {
        var mask = new PersonalMask(Key);
        string id = ContractText.Id.Replace("logicalType: integer, physicalType: int", "logicalType: string");
        var open = ContractText.Read(ContractText.Of().Replace(ContractText.Id, id)).Datasets[0];
        var personal = ContractText.Read(ContractText.Of().Replace(ContractText.Id, id.Replace("primaryKey", "classification: pii, primaryKey"))).Datasets[0];
        Assert.Equal("\"a@b.c\"", mask.KeyOf(open, Position("a@b.c")));
        Assert.Matches(@"^\*\*\* [0-9a-f]{16}$", mask.KeyOf(personal, Position("a@b.c")));
        Assert.NotEqual(mask.KeyOf(personal, Position("a@b.c")), mask.KeyOf(personal, Position("a@b.d")));
        Assert.InRange(mask.KeyOf(open, Position(new string('x', 10_000))).Length, 200, 220);
        Assert.NotEqual(mask.KeyOf(open, Position(new string('x', 10_000))), mask.KeyOf(open, Position(new string('x', 10_001))));
        Assert.Equal("", mask.KeyOf(open, Bson.Make(_ => { })));
    }

    [Fact]
    public void Needs_a_key_worth_the_name() => Assert.Throws<ArgumentException>(() => new PersonalMask(new byte[15]));
}
