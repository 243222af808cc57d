using Etl.Documents;
using Etl.Loading;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>Segments drawn at random: what is found is exact, what was not read is said.</summary>
public sealed class A_sample
{
    const string Database = "sampled";

    static Task<ReconcileResult> SampleAsync(SyncedCommunity community, long? rows, int seed = 1, int smallest = 5, double? accept = null, TimeSpan? time = null) =>
        new Reconciler(community.Contract, community.Source, community.Warehouse, TimeProvider.System).RunAsync(
            new ReconcileOptions { Budget = new Budget(time, rows), Seed = seed, SmallestSegment = smallest, AcceptBound = accept }, CancellationToken.None);

    [Fact]
    public async Task Of_everything_finds_what_a_full_comparison_finds()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        var clean = await SampleAsync(community, long.MaxValue);
        Assert.Equal((Verdict.Reconciled, 1.0, null), (clean.Verdict, clean.Coverage, clean.Bound));
        foreach (var (i, table) in community.Contract.Tables.Index())
            await new Planter(community).PlantAsync(table, table.IsShared ? 0 : 2, table.IsShared ? 1 : 3, 2, column: i, skip: i * 7);
        await community.InsertAsync("users", SyncedCommunity.User(7), Bson.Make(w => w.WriteObjectId("_id", new byte[12]).Write("firstname", 3)));

        var full = await community.ReconcileAsync();
        var sampled = await SampleAsync(community, long.MaxValue);

        Assert.True(full.Tables.Sum(t => t.DifferenceCount) > 20);
        Assert.Equal(full.Tables.Select(Shown), sampled.Tables.Select(Shown));
    }

    static string Shown(TableResult t) => $"""
        {t.Table} {t.Verdict} {t.Source} {t.Warehouse} {t.Missing} {t.Unexpected} {t.Changed} {t.Matched} {t.HeldBack} {t.Unreferenced} {t.Quarantined} {t.Unseen} {t.Coverage}
        {string.Join('\n', t.Differences.Select(d => $"{d.Kind} {d.Key}").Order())}
        """;

    [Fact]
    public async Task Says_how_much_of_the_segments_may_hold_a_difference()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        var sample = await SampleAsync(community, 100);
        Assert.Equal(Verdict.Unknown, sample.Verdict);
        Assert.InRange(sample.Coverage, 0.0, 0.9);
        Assert.InRange(sample.Bound!.Value, 0.1, 0.99);
        Assert.Matches(@"^No difference in \d+ of \d+ segments; with 99 % confidence fewer than [\d.]+ % of the segments hold one\.$", sample.Reason);
        Assert.All(sample.Tables, t => Assert.Equal((t.Coverage < 1 ? Verdict.Unknown : Verdict.Reconciled, 0L), (t.Verdict, t.DifferenceCount)));
        Assert.Equal(1L, await community.ScalarAsync<long>($"SELECT count(*) FROM quality.reconciliations WHERE run_id = {sample.Run} AND table_name = 'community.users' AND bound <= 1 AND coverage < 1"));

        double bound = sample.Bound.Value;
        Assert.Equal(Verdict.Unknown, (await SampleAsync(community, 100, accept: bound - 0.01)).Verdict);
        var accepted = await SampleAsync(community, 100, accept: bound + 0.01);
        Assert.Equal((Verdict.Reconciled, bound), (accepted.Verdict, accepted.Bound));
        Assert.InRange(accepted.Coverage, 0.0, 0.9);
        Assert.Contains("Accepted", accepted.Reason);

        await community.ExecuteAsync("TRUNCATE community.invoices");
        Assert.Equal(Verdict.Mismatched, (await SampleAsync(community, 100, accept: 0.99)).Verdict);
    }

    [Fact]
    public async Task Reads_no_more_than_its_budget_and_at_least_one_segment_of_each_dataset()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        var rows = await SampleAsync(community, 60);
        Assert.InRange(rows.Tables.Where(t => !t.Table.IsShared).Sum(t => t.Source), 30, 300);
        var instant = await SampleAsync(community, null, time: TimeSpan.FromTicks(1));
        Assert.InRange(instant.Tables.Sum(t => t.Source), 1, 250);
        Assert.Equal((Verdict.Unknown, true), (instant.Verdict, instant.Reason.StartsWith("No difference in 3 of", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Draws_the_same_segments_by_the_same_seed_and_others_by_another()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await community.ExecuteAsync("UPDATE community.users SET age = 1");
        string[] keys = [.. await Task.WhenAll(((int[])[1, 1, 2]).Select(async seed => string.Join(' ', (await SampleAsync(community, 60, seed)).Of("users").Keys(DifferenceKind.Changed))))];
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[0], keys[2]);
    }

    /// <summary>Keys of every type divide both sides alike; rows at the borders, first and last are seen once.</summary>
    [Theory]
    [InlineData("integer", "int", "integer", "12345")]
    [InlineData("integer", "long", "bigint", "12345")]
    [InlineData("string", "string", "text", "'~'")]
    [InlineData("string", "objectId", "text", "'planted'")]
    [InlineData("timestamp", "date", "timestamptz", "'2200-01-01Z'")]
    [InlineData("boolean", "bool", "boolean", null)]
    public async Task Divides_keys_of_type(string logical, string physical, string sql, string? extra)
    {
        string contract = SmallContract.Write(), file = Path.Combine(contract, "contract.yaml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("logicalType: integer", $"logicalType: {logical}").Replace("physicalType: int", $"physicalType: {physical}"));
        await using var community = await SyncedCommunity.StartAsync(Database, contract, Fill);
        var random = new Random(5);
        var keys = await community.ListAsync<string>("SELECT id::text FROM small.keys ORDER BY id");
        string[] gone = extra is null ? [keys[0]] : [keys[0], keys[^1], .. Enumerable.Range(0, 12).Select(_ => keys[random.Next(keys.Count)])];
        int removed = await community.ExecuteAsync($"DELETE FROM small.keys WHERE id IN ({string.Join(", ", gone.Select(k => $"'{k}'::{sql}"))})");
        if (extra is not null)
            await community.ExecuteAsync($"INSERT INTO small.keys (id) VALUES ({extra})");

        var found = await SampleAsync(community, long.MaxValue);

        Assert.Equal((removed, 0, extra is null ? 0 : 1), found.Of("keys").Counts());
        Assert.Equal((keys.Count, keys.Count - removed), (found.Of("keys").Source, found.Of("keys").Matched));
        Assert.Equal(found.Of("keys").Quarantined, physical == "bool" ? 0 : 3);
        if (extra is not null)
            Assert.InRange((await SampleAsync(community, 20)).Coverage, 0.001, 0.9);

        async Task Fill(SyncedCommunity community)
        {
            await community.CommandAsync(w => w.Write("create", "blank"));
            await community.InsertAsync("keys", [.. Enumerable.Range(0, physical == "bool" ? 2 : 200).Select(Document)]);
            if (physical != "bool") // ids of other types stand before and behind
                await community.InsertAsync("keys", Bson.Make(w => w.Write("_id", 0.5)), Bson.Make(w => w.Write("_id", false)), Bson.Make(w => w.WriteBinary("_id", [1, 2])));
        }

        byte[] Document(int i) => Bson.Make(w => _ = physical switch
        {
            "int" => w.Write("_id", i * 3 - 100),
            "long" => w.Write("_id", i * 3L - 100),
            "string" => w.Write("_id", $"{(char)('A' + i % 50)}é{i}"),
            "objectId" => w.WriteObjectId("_id", [(byte)(i * 7), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)i]),
            "date" => w.WriteDateTime("_id", i * 1_000_003L - 50_000_000),
            _ => w.Write("_id", i == 0),
        });
    }

    [Fact]
    public async Task Divides_the_source_where_the_warehouse_is_empty()
    {
        await using var community = await SyncedCommunity.StartAsync(Database, SmallContract.Write(), async c =>
        {
            await c.CommandAsync(w => w.Write("create", "blank"));
            await c.InsertAsync("keys", [.. Enumerable.Range(0, 9_000).Select(i => Bson.Make(w => w.Write("_id", i)))]);
        });
        await community.ExecuteAsync("TRUNCATE small.keys");
        var found = (await SampleAsync(community, 100, smallest: 100)).Of("keys");
        Assert.InRange(found.Missing, 1, 8_000);
        Assert.Equal((Verdict.Mismatched, found.Source), (found.Verdict, found.Missing));
    }

    [Fact]
    public async Task Settles_what_is_in_flight()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await new Planter(community).PlantAsync(community.Table("users"), 1, 1, 1);
        var time = new LeapingTime();
        var found = await new Reconciler(community.Contract, community.Source, community.Warehouse, time).RunAsync(
            new ReconcileOptions { Budget = new Budget(null, long.MaxValue), SmallestSegment = 5, Settle = TimeSpan.FromSeconds(30) }, CancellationToken.None);
        Assert.Equal((1L, 1L, 1L), found.Of("users").Counts());
        Assert.Equal(2, time.Waits.Count);
    }

    [Fact]
    public async Task Names_what_is_not_there()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await community.ExecuteAsync("DROP TABLE community.messages");
        await community.CommandAsync(w => w.Write("drop", "groups"));
        var found = await SampleAsync(community, long.MaxValue);
        Assert.Equal((Verdict.Unknown, 0.0), (found.Verdict, found.Coverage));
        Assert.Contains("community.messages does not exist", found.Reason);
        Assert.Contains("groups' does not exist", found.Reason);
    }
}
