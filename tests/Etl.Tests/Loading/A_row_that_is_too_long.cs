using Etl.Documents;
using Etl.Loading;
using Etl.Tests.Contracts;
using Npgsql;

namespace Etl.Tests.Loading;

/// <summary>PostgreSQL takes rows of up to a page; what it moves out of them leaves 18 bytes behind each. Whose row is longer is quarantined, and the others are loaded.</summary>
public sealed class A_row_that_is_too_long
{
    /// <summary>Long texts that fit a row, and that do not.</summary>
    const int Fitting = 400, TooMany = 500;

    static string Texts(char name) => string.Join(", ", Enumerable.Range(0, TooMany).Select(i => $"{{ name: {name}{i}, logicalType: string }}"));

    static readonly Etl.Contracts.Contract Contract = ContractText.Read(ContractText.Of([
        "- { name: parts, logicalType: array, items: { logicalType: object, properties: [{ name: k, logicalType: integer, primaryKey: true }, " + Texts('p') + "] } }",
        "- { name: kind, logicalType: object, customProperties: [{ property: table, value: kinds }, { property: shared, value: true }], properties: [{ name: code, logicalType: integer, primaryKey: true }, " + Texts('q') + "] }",
        .. Enumerable.Range(0, TooMany).Select(i => $"- {{ name: t{i}, logicalType: string }}")])
        .Replace("name: test\n", "name: community\n"));

    /// <summary>Text that does not compress.</summary>
    static readonly string Noise = string.Concat(Enumerable.Range(0, 120).Select(i => (char)(33 + i * i * 7 % 90)));

    static void Write(BsonWriter w, char name, int texts)
    {
        for (int i = 0; i < texts; i++)
            w.Write($"{name}{i}", Noise);
    }

    static byte[] Thing(int id, int own = 1, int part = 1, int kind = 1, int? code = null) => Bson.Make(w =>
    {
        w.Write("_id", id).BeginArray("parts").BeginDocument().Write("k", id);
        Write(w, 'p', part);
        w.End().BeginDocument().Write("k", 1000 + id).End().End().BeginDocument("kind").Write("code", code ?? id);
        Write(w, 'q', kind);
        w.End();
        Write(w, 't', own);
    });

    static async Task<Community> OnAsync(string test, params byte[][] things)
    {
        var community = await Community.OnAsync($"long_{test}");
        community.Contract = Contract;
        community.Source.Create("things");
        Put(community, things);
        return community;
    }

    static void Put(Community community, params byte[][] things)
    {
        foreach (byte[] thing in things)
            community.Source.Put("things", thing);
    }

    static async Task HoldsAsync(Community community, params int[] ids)
    {
        Assert.Equal(ids.Select(i => $"{i}"), await community.ListAsync("SELECT id::text FROM community.things ORDER BY things.id"));
        Assert.Equal(ids.SelectMany(i => new[] { i, 1000 + i }).Order().Select(i => $"{i}"), await community.ListAsync("SELECT k::text FROM community.parts ORDER BY parts.k"));
    }

    static async Task IsReconciledAsync(Community community, long quarantined)
    {
        var judged = await community.ReconcileAsync();
        Assert.True(judged.Verdict == Verdict.Reconciled, judged.Reason);
        Assert.Equal(quarantined, judged.Tables[0].Quarantined);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 100)]
    [InlineData(3, 4)]
    public async Task Is_quarantined_with_its_document_while_all_others_are_loaded(int workers, int batch)
    {
        var good = Enumerable.Range(1, 12).Select(i => Thing(i, own: i % 2 == 0 ? Fitting : 1)).ToArray();
        await using var community = await OnAsync("first", [.. good, Thing(3, own: TooMany), Thing(6, part: TooMany), Thing(7, kind: TooMany), Thing(20, kind: TooMany, code: 7), Thing(21, own: TooMany, part: TooMany)]);
        (community.Workers, community.Source.Splits) = (workers, true);
        var result = await community.SyncAsync(batch);
        await community.BooksCloseAsync(result);
        Assert.Equal((14L, 9L, 5L), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Quarantined));
        await HoldsAsync(community, 1, 2, 4, 5, 8, 9, 10, 11, 12);
        Assert.Equal(["1", "2", "4", "5", "8", "9", "10", "11", "12"], await community.ListAsync("SELECT code::text FROM community.kinds ORDER BY kinds.code"));
        Assert.Equal(["20 kind", "21 ", "3 ", "6 parts", "7 kind"], await community.ListAsync("SELECT concat_ws(' ', document_key::jsonb->>'$numberInt', path) FROM quality.quarantine WHERE rule = 'rowTooLong' AND state = 'open' AND NOT held_back ORDER BY 1"));
        Assert.Equal(["Its row of community.kinds is longer than PostgreSQL takes: row is too big: size 9080, maximum size 8160. Gather columns in one of jsonb, or leave some out (column: none)."],
            await community.ListAsync("SELECT DISTINCT reason FROM quality.quarantine WHERE path = 'kind'"));
        await IsReconciledAsync(community, 5);
        await community.NothingChangesAsync(batch);

        Put(community, Thing(3), Thing(7, kind: Fitting), Thing(20, code: 7));
        await community.BooksCloseAsync(await community.SyncAsync(batch));
        await HoldsAsync(community, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 20);
        await IsReconciledAsync(community, 2);
    }

    /// <summary>The limit is PostgreSQL's own, to the byte, with Quality's own columns: numbers cannot be moved out of a row.</summary>
    [Fact]
    public async Task Is_one_that_PostgreSQL_would_refuse_and_no_other()
    {
        await using var community = await Community.OnAsync("long_exact");
        const int columns = 1_100, fewest = 980, most = 1_000;
        community.Contract = ContractText.Read(ContractText.Of([.. Enumerable.Range(0, columns).Select(i => $"- {{ name: n{i}, logicalType: integer }}")]).Replace("name: test\n", "name: community\n"));
        community.Source.Create("things");
        for (int count = fewest; count <= most; count++)
            Put(community, Bson.Make(w =>
            {
                w.Write("_id", count);
                for (int i = 0; i < count; i++)
                    w.Write($"n{i}", (long)i);
            }));
        await community.BooksCloseAsync(await community.SyncAsync());
        var taken = await community.ListAsync("SELECT id::text FROM community.things ORDER BY things.id");
        Assert.Equal(Enumerable.Range(fewest, taken.Count).Select(i => $"{i}"), taken);
        Assert.Equal(most - fewest + 1 - taken.Count, (await community.QuarantineAsync()).Count);
        int first = fewest + taken.Count; // the first that is refused
        string names = string.Join(", ", Enumerable.Range(0, first).Select(i => $"n{i}"));
        string insert = $"INSERT INTO community.things (id, {names}, _hash, _version, _run_id, _loaded_at) SELECT 0, {string.Join(", ", Enumerable.Repeat("1", first))}, gen_random_uuid(), gen_random_uuid(), 1, now()";
        var refused = await Assert.ThrowsAsync<PostgresException>(() => community.ExecuteAsync(insert));
        Assert.Equal(PostgresErrorCodes.ProgramLimitExceeded, refused.SqlState);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Leaves_the_rows_of_the_version_before(int batch)
    {
        await using var community = await OnAsync("later", [.. Enumerable.Range(1, 6).Select(i => Thing(i))]);
        await community.SyncAsync(batch);
        Put(community, Thing(2, own: TooMany), Thing(3, part: 2), Thing(5, part: TooMany), Thing(7, own: TooMany), Thing(8));
        var result = await community.SyncAsync(batch);
        await community.BooksCloseAsync(result);
        Assert.Equal((8L, 2L, 3L, 3L), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Unchanged, result.Documents[0].Quarantined));
        await HoldsAsync(community, 1, 2, 3, 4, 5, 6, 8);
        Assert.Equal(["2 true", "5 true", "7 false"], await community.ListAsync("SELECT concat_ws(' ', document_key::jsonb->>'$numberInt', held_back::text) FROM quality.quarantine WHERE state = 'open' ORDER BY 1"));
        await IsReconciledAsync(community, 3);
    }

    [Fact]
    public async Task Stops_no_repair()
    {
        await using var community = await OnAsync("repair", Thing(1), Thing(2), Thing(3));
        await community.SyncAsync();
        await community.ExecuteAsync("UPDATE community.things SET t0 = 'edited'");
        Put(community, Thing(2, own: TooMany));
        var repaired = await new Quality.Reconciliation.Repairer(Contract, community.Source, community.Warehouse, TimeProvider.System)
            .RunAsync(new Quality.Reconciliation.ReconcileOptions(), deleteUnexpected: false, CancellationToken.None);
        Assert.True(repaired.After.Verdict == Verdict.Reconciled, repaired.After.Reason);
        Assert.Equal(["1 true", "2 false", "3 true"], await community.ListAsync($"SELECT concat_ws(' ', id, (t0 = '{Noise.Replace("'", "''")}')::text) FROM community.things ORDER BY things.id"));
    }

    /// <summary>An index that somebody made takes less than a row.</summary>
    [Fact]
    public async Task For_an_index_of_somebody_elses_is_quarantined_too()
    {
        await using var community = await OnAsync("index", Thing(1), Thing(2));
        await community.SyncAsync();
        await community.ExecuteAsync("CREATE INDEX by_hand ON community.things (t0)");
        var random = new Random(1);
        string longer = string.Concat(Enumerable.Range(0, 4_000).Select(_ => (char)random.Next(33, 127)));
        Put(community, Bson.Make(w => w.Write("_id", 3).Write("t0", longer)), Thing(4));
        await community.BooksCloseAsync(await community.SyncAsync());
        Assert.Equal(["1", "2", "4"], await community.ListAsync("SELECT id::text FROM community.things ORDER BY things.id"));
        Assert.StartsWith("Its row of community.things is longer than PostgreSQL takes: index row size ", Assert.Single(await community.ListAsync("SELECT reason FROM quality.quarantine WHERE rule = 'rowTooLong'")));
    }

    /// <summary>Columns of an analyst's own make an update longer than the row that a document gives.</summary>
    [Fact]
    public async Task Because_of_what_others_keep_there_is_named()
    {
        await using var community = await OnAsync("others", Thing(1, own: Fitting));
        await community.SyncAsync();
        await community.ExecuteAsync($"ALTER TABLE community.things {string.Join(", ", Enumerable.Range(0, 80).Select(i => $"ADD COLUMN x{i} bigint"))}; UPDATE community.things SET {string.Join(", ", Enumerable.Range(0, 80).Select(i => $"x{i} = 1"))}");
        Put(community, Thing(1, own: Fitting + 30));
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync());
        Assert.Contains("refused a statement: row is too big", failure.Message);
    }
}
