using Etl.Contracts;
using Etl.Loading;

namespace Etl.Tests.Loading;

/// <summary>
/// Batches that nobody contests are compared on our side; all others are staged, and the database decides. Which way a batch went must not show:
/// one warehouse gets a trigger that does nothing, so that everything goes the careful way, and both follow the same random history.
/// </summary>
public sealed class Both_ways_of_loading
{
    const int Sequences = 30;

    static async Task MakeCarefulAsync(Community community, bool keyed)
    {
        await community.ForgetAsync();
        var tables = community.Contract.Datasets[0].Tables;
        var sql = new List<string> { TableSql.CreateSchema(tables[0]), "CREATE OR REPLACE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN coalesce(NEW, OLD); END'" };
        foreach (var table in tables.Where(t => !t.IsShared))
            sql.AddRange([.. keyed ? TableSql.Create(table) : [TableSql.CreateKeyless(table)], $"CREATE TRIGGER pass BEFORE INSERT OR UPDATE OR DELETE ON {table.Sql} FOR EACH ROW EXECUTE FUNCTION pass()"]);
        await community.ExecuteAsync(string.Join(";\n", sql));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task End_alike(int seed, bool deletesSoftly)
    {
        var random = new Random(seed);
        await using var plain = await Community.OnAsync("plain");
        await using var careful = await Community.OnAsync("careful");
        if (deletesSoftly)
            plain.Contract = careful.Contract = Community.DeletingSoftly();
        for (int sequence = 0; sequence < Sequences; sequence++)
        {
            string where = $"seed {seed}, sequence {sequence}";
            bool isFirst = sequence % 6 == 0;
            if (isFirst)
            {
                await plain.ForgetAsync();
                await MakeCarefulAsync(careful, keyed: random.Next(2) == 0);
            }
            for (int left = random.Next(1, 9); left > 0; left--)
            {
                int id = random.Next(1, 15);
                var person = random.Next(5) == 0 ? null : Any_history.AnyPerson(random, id);
                foreach (var community in (Community[])[plain, careful])
                    if (person is null)
                        community.Source.Remove("users", new Person(id).Position);
                    else
                        community.Put(person);
            }
            (plain.Workers, plain.Source.Splits, careful.Workers, careful.Source.Splits) = (random.Next(1, 4), true, random.Next(1, 4), true);
            var (one, other) = (await plain.SyncAsync(random.Next(1, 8), null, "users"), await careful.SyncAsync(random.Next(1, 8), null, "users"));
            await plain.BooksCloseAsync(one);
            await careful.BooksCloseAsync(other);
            foreach (string table in (string[])["users", "subscriptions", "invoices", "plans"])
                Assert.True((await plain.RowsAsync(table)).SequenceEqual(await careful.RowsAsync(table)), $"{where}: {table}");
            Assert.Equal(await plain.QuarantineAsync(), await careful.QuarantineAsync());
            Assert.Equal(await plain.IndexesAsync(), await careful.IndexesAsync());
            if (deletesSoftly)
                Assert.Equal(await KeptAsync(plain), await KeptAsync(careful));
            // A first load may take out again what it brought, and read twice.
            Assert.True(Books(one, isFirst).SequenceEqual(Books(other, isFirst)), $"{where}: {string.Join('\n', Books(one, isFirst))}\nand\n{string.Join('\n', Books(other, isFirst))}");
        }
    }

    static Task<List<string>> KeptAsync(Community community) => community.ListAsync("""
        SELECT 'u' || user_id FROM community.users WHERE _deleted_at IS NOT NULL UNION ALL SELECT 's' || subscription_id FROM community.subscriptions WHERE _deleted_at IS NOT NULL
        UNION ALL SELECT 'i' || invoice_id FROM community.invoices WHERE _deleted_at IS NOT NULL ORDER BY 1
        """);

    static IEnumerable<string> Books(SyncResult result, bool onlyNet) => onlyNet
        ? result.Tables.Select(t => $"{t.Table}: {t.Inserted - t.Removed} more, {t.RowsAfter} rows")
        : [.. result.Tables.Select(t => $"{t.Table}: {t.Produced} produced, {t.Inserted} inserted, {t.Updated} updated, {t.Unchanged} unchanged, {t.Merged} merged, {t.Removed} removed, {t.RowsAfter} rows"), .. result.Documents.Select(d => $"{d}")];
}
