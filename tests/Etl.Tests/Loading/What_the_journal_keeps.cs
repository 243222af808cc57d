using Etl.Documents;
using Etl.Loading;

namespace Etl.Tests.Loading;

/// <summary>Drift, warnings, and keys that may not be shown.</summary>
public sealed class What_the_journal_keeps
{
    static byte[] And(Person person, Action<BsonWriter> more) => Bson.Make(w =>
    {
        for (var reader = new BsonReader(person.ToBson()); reader.Read();)
            w.WriteElement(reader);
        more(w);
    });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task Of_fields_that_the_contract_does_not_know_is_how_many_documents_had_them(int workers, int batch)
    {
        await using var community = await Community.OnAsync("journal_drift");
        (community.Workers, community.Source.Splits) = (workers, true);
        community.Put([.. Enumerable.Range(1, 8).Select(i => new Person(i) { IsBad = i == 7 })]);
        foreach (int id in (int[])[3, 5])
            community.Source.Put("users", And(new Person(id), w => w.Write("nickname", "Countess")));
        community.Source.Put("users", And(new Person(6), w => w.Write("nickname", 6)));
        await community.SyncAsync(batch, null, "users");
        var drift = await community.ListAsync("SELECT concat_ws(' ', path, kind, bson_type, documents) FROM quality.drift ORDER BY 1");
        Assert.Equal(["age new type string 1", "nickname unknown field string, int 3"], [.. drift.Select(d => d.Replace("int, string", "string, int"))]);
        Assert.Equal(2, await community.CountAsync("SELECT count(*) FROM quality.drift WHERE first_key IS NOT NULL"));
        await community.SyncAsync(batch, null, "users");
        Assert.Equal(["1 2", "2 2"], await community.ListAsync("SELECT dense_rank() OVER (ORDER BY run_id) || ' ' || count(*) FROM quality.drift GROUP BY run_id ORDER BY 1"));
    }

    /// <summary>A dataset that is read twice in a run, because keys were disputed, drifts but once.</summary>
    [Fact]
    public async Task Is_not_counted_twice_where_a_dataset_is_read_twice()
    {
        await using var community = await Community.OnAsync("journal_twice");
        community.Contract = Warning();
        Person With(int id) => new(id) { Subscription = new(1, new("1", "a", 1)), Age = 200 };
        foreach (int id in (int[])[1, 2])
            community.Source.Put("users", And(With(id), w => w.Write("nickname", "x")));
        var result = await community.SyncAsync(1, null, "users");
        Assert.Equal((2L, 1L, 1L), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Quarantined));
        Assert.Equal(["nickname 2"], await community.ListAsync("SELECT path || ' ' || documents FROM quality.drift"));
        Assert.Equal(2, Assert.Single(result.Checks, c => c.Rule == "maximum").Failing);
    }

    static Etl.Contracts.Contract Warning() => A_sync.Edited(text => text.Replace("        logicalTypeOptions: { minimum: 0, maximum: 130 }\n",
        "        logicalTypeOptions: { minimum: 0, maximum: 130 }\n        customProperties: [{ property: onViolation, value: warn }]\n"));

    [Fact]
    public async Task Of_rules_that_only_warn_is_how_many_documents_broke_them_while_their_rows_are_loaded()
    {
        await using var community = await Community.OnAsync("journal_warnings");
        (community.Workers, community.Source.Splits, community.Contract) = (3, true, Warning());
        Person[] people = [new(1), new(2) { Age = 131 }, new(3), new(4) { Age = -1 }, new(5) { Age = 200 }];
        community.Put(people);
        var result = await community.SyncAsync(1, null, "users");
        await community.BooksCloseAsync(result); // reconciled: warnings do not spoil it
        await community.HoldsAsync(people);
        Assert.Equal(["maximum age 2 warns only documents true", "minimum age 1 warns only documents true"],
            await community.ListAsync("SELECT concat_ws(' ', rule, column_name, failing, name, unit, warns::text) FROM quality.checks WHERE rule IN ('minimum', 'maximum') ORDER BY 1"));
        Assert.Empty(await community.QuarantineAsync());
    }

    /// <summary>The mark is the same at each sync, so an entry is found again; nobody learns from it who it is.</summary>
    [Fact]
    public async Task Of_a_document_whose_key_is_personal_is_a_mark()
    {
        await using var community = await Community.OnAsync("journal_marks");
        community.Contract = A_sync.Edited(text => text.Replace("        customProperties: [{ property: column, value: user_id }]\n", "        classification: pii\n        customProperties: [{ property: column, value: user_id }]\n"));
        community.Put(new Person(1), new Person(2) { IsBad = true }, new Person(3) { IsBad = true });
        community.Source.Put("users", And(new Person(4), w => w.Write("nickname", 1)));
        await community.BooksCloseAsync(await community.SyncAsync(2, null, "users"));
        var marks = await community.ListAsync("SELECT document_key FROM quality.quarantine ORDER BY 1");
        Assert.Equal(2, marks.Count);
        Assert.All(marks, mark => Assert.Matches(@"^\*\*\* [0-9a-f]{16}$", mark));
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.quarantine q WHERE (reason || violations::text || document_key) ~ '6100000000000000'"));
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.drift WHERE first_key ~ '6100000000000000'"));

        await community.NothingChangesAsync(2, "users");
        Assert.Equal(marks, await community.ListAsync("SELECT document_key FROM quality.quarantine ORDER BY 1"));
        var judged = await community.ReconcileAsync("users");
        Assert.True(judged.Verdict == Verdict.Reconciled, judged.Reason);
        Assert.Equal(2, judged.Tables[0].Quarantined);

        community.Put(new Person(2));
        await community.SyncAsync(2, null, "users");
        Assert.Single(await community.QuarantineAsync());
        await community.HoldsAsync(new Person(1), new Person(2), new Person(4));
    }
}
