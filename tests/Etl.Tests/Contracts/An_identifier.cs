using Etl.Contracts;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Contracts;

public sealed class An_identifier
{
    [Theory]
    [InlineData("signUpDate", "sign_up_date")]
    [InlineData("planID", "plan_id")]
    [InlineData("subscriptionID", "subscription_id")]
    [InlineData("HTTPServer", "http_server")]
    [InlineData("_id", "id")]
    [InlineData("a.b-c  d", "a_b_c_d")]
    [InlineData("already_snake", "already_snake")]
    [InlineData("Item2Go", "item2_go")]
    [InlineData("ÄnderungsDatum", "änderungs_datum")]
    [InlineData("$$", "")]
    public void Becomes_snake_case(string name, string snake) => Assert.Equal(snake, Identifier.SnakeCase(name));

    [Fact]
    public async Task Comes_back_from_PostgreSQL_as_it_was()
    {
        await using var connection = new NpgsqlConnection(await Postgres.DatabaseAsync("identifiers"));
        await connection.OpenAsync();
        var names = Gen.Sample(ArbMap.Default.GeneratorFor<NonEmptyString>().Select(s => s.Get.Replace("\0", "")), 300, 15)
            .Append("x\"; drop table t;--").Append("\"").Append("''").Append("語🎉").Append("select");
        foreach (string name in names)
        {
            string whole = string.Concat(name.EnumerateRunes().Where(r => r.Value != 0xFFFD)); // no lone surrogates: they have no UTF-8
            while (System.Text.Encoding.UTF8.GetByteCount(whole) > Identifier.MaxBytes)
                whole = whole[..^(char.IsLowSurrogate(whole[^1]) ? 2 : 1)];
            if (whole.Length == 0)
                continue;
            await using var command = new NpgsqlCommand($"SELECT 1 AS {Identifier.Quote(whole)}", connection);
            await using var reader = await command.ExecuteReaderAsync();
            Assert.Equal(whole, reader.GetName(0));
        }
    }

    [Fact]
    public void Cannot_contain_NUL() => Assert.Throws<ArgumentException>(() => Identifier.Quote("a\0b"));
}
