using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Quality.Initialisation;

namespace Quality.Tests.Initialisation;

/// <summary>What real collections hold and no schema foresees: init describes it, and what cannot be loaded is said beforehand.</summary>
public sealed class Special_collections : IAsyncLifetime
{
    InitialisedCollection collection = null!;

    public async ValueTask InitializeAsync() => collection = await InitialisedCollection.StartAsync("special");

    public ValueTask DisposeAsync() => collection.DisposeAsync();

    static byte[] ObjectId(int n) => [.. new byte[8], .. BitConverter.GetBytes(n)];

    [Fact]
    public async Task With_names_that_hurt_are_loaded()
    {
        string[] names = ["a.b", "x[]", "quote'\"", "back\\slash", "# no comment", "- dash", "key: value", "null", "~", "12", "ünïcödé", "名前", "😀", "🎉", "line\nbreak", "\u0001", "\u2028", "select", "xmin", "ctid", "_hash", "$dollar",
            "Select", "SELECT", "userName", "user_name", "user-name", "ordinal", new string('n', 200), new string('n', 201), " ", "."];
        var outcome = await collection.RunAsync(30, (w, n) =>
        {
            foreach (string name in names)
                w.Write(name, $"{n} {name.Length}");
        });
        outcome.IsGreen();
        Assert.Equal(names.Length + 1, outcome.Contract.Tables.Single().Columns.Count);
        Assert.Equal("7 2", await collection.ScalarAsync($"SELECT {Identifier.Quote(outcome.Column("😀").Name)} FROM {outcome.Contract.Tables.Single().Sql} WHERE thing_id = 7"));
    }

    [Fact]
    public async Task With_a_path_that_two_places_have_keep_one_of_them_whole()
    {
        var outcome = await collection.RunAsync(30, (w, n) => w.Write("a.b", n).BeginDocument("a").Write("b", -n).End().BeginArray("x").Write(default, n).End().Write("x[]", n));
        outcome.IsGreen();
        Assert.Equal((ColumnType.Integer, ColumnType.Jsonb, ColumnType.Jsonb, ColumnType.Integer), (outcome.Column("a.b").Type, outcome.Column("a").Type, outcome.Column("x").Type, outcome.Column("x[]").Type));
    }

    [Fact]
    public async Task With_a_field_without_a_name_say_that_it_is_left_out_or_keep_it_in_jsonb()
    {
        var outcome = await collection.RunAsync(30, (w, n) => w.Write("", n).BeginDocument("o").Write("", n).Write("p", n).End());
        outcome.IsGreen();
        Assert.Contains(outcome.Described.Doubts, d => d == "left out: a field without a name in the documents (30 times)");
        Assert.Equal(ColumnType.Jsonb, outcome.Column("o").Type);
    }

    [Fact]
    public async Task That_are_nested_deeper_than_a_contract_can_be_end_in_jsonb()
    {
        const int depth = 60;
        var outcome = await collection.RunAsync(30, (w, n) =>
        {
            for (int i = 0; i < depth; i++)
                _ = i % 3 == 2 ? w.BeginArray($"d{i}").BeginDocument() : w.BeginDocument($"d{i}");
            w.Write("v", n);
            for (int i = depth - 1; i >= 0; i--)
                _ = i % 3 == 2 ? w.End().End() : w.End();
        });
        outcome.IsGreen();
        Assert.Contains(outcome.Described.AllDoubts, d => d.Doubt == "nested deeper than a contract can be");
        Assert.True(outcome.Contract.Tables.Count() > 3);
    }

    [Fact]
    public async Task With_arrays_of_arrays_nulls_and_nothing_keep_them_in_jsonb()
    {
        var outcome = await collection.RunAsync(30, (w, n) => w.BeginArray("aa").BeginArray().Write(default, n).End().End().WriteNull("null").BeginArray("empty").End().BeginDocument("bare").End()
            .BeginArray("nulls").WriteNull(null).End().BeginArray("some").BeginDocument().Write("a", 1).End().WriteNull(null).End().BeginArray("mixed").Write(default, 1).Write("x").End());
        outcome.IsGreen();
        foreach (string path in (string[])["aa", "null", "empty", "bare", "nulls", "some", "mixed"])
        {
            Assert.Equal(ColumnType.Jsonb, outcome.Column(path).Type);
            Assert.NotEmpty(outcome.Described.Fields.Single(f => f.Name == path).Doubts);
        }
    }

    [Fact]
    public async Task With_huge_texts_are_loaded()
    {
        var outcome = await collection.RunAsync(5, (w, n) => w.Write("v", new string('x', 2_000_000 + n)));
        outcome.IsGreen();
        Assert.Equal(2_000_005, await collection.ScalarAsync($"SELECT max(length(v)) FROM {outcome.Contract.Tables.Single().Sql}"));
    }

    [Fact]
    public async Task With_an_id_of_several_parts_are_events_with_a_key_of_several_columns()
    {
        var outcome = await collection.RunAsync([.. Enumerable.Range(0, 30).Select(n => Bson.Make(w => w.BeginDocument("_id").Write("shop", n / 3).Write("number", $"{n % 3}").End().Write("v", n)
            .BeginArray("lines").BeginDocument().Write("q", n).End().End()))]);
        outcome.IsGreen();
        Assert.Equal(["id_shop", "id_number"], outcome.Contract.Tables.Single().Key.Select(k => k.Name));
        Assert.Contains(outcome.Described.Doubts, d => d.Contains("what is removed from the collection keeps its row"));
    }

    [Fact]
    public async Task With_texts_and_ObjectIds_as_ids_are_events()
    {
        var outcome = await collection.RunAsync([.. Enumerable.Range(0, 30).Select(n => Bson.Make(w => (n % 2 == 0 ? w.Write("_id", $"key {n}") : w.WriteObjectId("_id", ObjectId(n))).Write("v", n)))]);
        outcome.IsGreen();
        Assert.Equal(30L, outcome.Reconciliation.Tables[0].Matched);
    }

    [Fact]
    public async Task With_ids_that_no_column_holds_together_say_which_will_be_quarantined()
    {
        var outcome = await collection.RunAsync([.. Enumerable.Range(0, 100).Select(n => Bson.Make(w => (n % 25 == 0 ? w.Write("_id", $"key {n}") : w.Write("_id", n)).Write("v", n)))]);
        Assert.Contains(outcome.Described.Doubts, d => d.Contains("int 96 %, string 4 %") && d.Contains("will be quarantined (type)"));
        Assert.Equal((4L, Verdict.Reconciled), (outcome.Quarantined, outcome.Reconciliation.Verdict));
    }

    [Fact]
    public async Task With_texts_that_PostgreSQL_cannot_hold_say_which_will_be_quarantined()
    {
        var outcome = await collection.RunAsync(100, (w, n) => w.Write("v", n % 50 == 0 ? "nu\0l" : "fine").Write("w", n));
        Assert.Contains("2 texts have a NUL or are not UTF-8", outcome.Yaml);
        Assert.Equal((2L, Verdict.Reconciled), (outcome.Quarantined, outcome.Reconciliation.Verdict));
    }

    [Fact]
    public async Task With_the_same_field_twice_say_so()
    {
        var outcome = await collection.RunAsync(100, (w, n) => _ = n == 50 ? w.Write("v", 1).Write("v", 2) : w.Write("v", n));
        Assert.Contains("stands twice in 1 objects", outcome.Yaml);
        Assert.Equal((1L, Verdict.Reconciled), (outcome.Quarantined, outcome.Reconciliation.Verdict));
    }

    [Fact]
    public async Task With_more_fields_than_a_table_has_columns_leave_the_rest_out_and_say_so()
    {
        var outcome = await collection.RunAsync(5, (w, n) =>
        {
            for (int i = 0; i < 1_200; i++)
                w.Write($"f{i}", n);
            w.BeginDocument("o");
            for (int i = 0; i < 300; i++)
                w.Write($"g{i}", n);
            w.End();
        });
        outcome.IsGreen();
        Assert.Contains(outcome.Described.Doubts, d => d.StartsWith("left out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_ids_that_can_be_a_key_are_refused()
    {
        var fractions = await Assert.ThrowsAsync<Etl.UnavailableException>(() => collection.RunAsync([.. Enumerable.Range(0, 5).Select(n => Bson.Make(w => w.Write("_id", n + 0.5)))]));
        Assert.Contains("cannot be the key of a table (double 100 %)", fractions.Message);
    }
}
