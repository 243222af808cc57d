using Etl.Contracts;
using Etl.Documents;
using Quality.Initialisation;
using Tests.Shared;

namespace Quality.Tests.Initialisation;

public sealed class What_init_infers
{
    const int Enough = 100;

    /// <summary>Documents with an int32 as their _id and what is written behind it.</summary>
    static DescribedDataset Describe(int count, Action<BsonWriter, int> write, string collection = "things", int seed = 1)
    {
        var observer = new DocumentObserver();
        var sample = new DocumentSample(1_000, new Random(seed));
        for (int n = 1; n <= count; n++)
        {
            byte[] document = Bson.Make(w => write(w.Write("_id", n), n));
            sample.Offer(document, observer.Observe(document));
        }
        SampleReader.Read(sample, observer.Root);
        var described = CollectionReader.Describe(collection, observer, sample.Count);
        TableNames.Give([described]);
        return described;
    }

    static DescribedField Field(DescribedDataset described, string path) => described.AllFields.Single(f => f.Seen.Path == path);

    static DescribedField Field(Action<BsonWriter, int> write, string path = "v", int count = Enough) => Field(Describe(count, write), path);

    static Contract Read(DescribedDataset described)
    {
        string file = Path.Combine(Scratch.Folder("inferred"), ContractReader.FileName);
        File.WriteAllText(file, ContractWriter.Write("made", "made", "a test", [described]));
        return ContractReader.Read(file);
    }

    static ColumnType Column(Action<BsonWriter, int> write, string path = "v") =>
        Read(Describe(Enough, write)).Tables.SelectMany(t => t.Columns).Single(c => c.Field?.Path == path).Type;

    [Fact]
    public void Is_the_narrowest_number_that_holds_all_exactly()
    {
        Assert.Equal(ColumnType.Integer, Column((w, n) => w.Write("v", n)));
        Assert.Equal(ColumnType.BigInt, Column((w, n) => _ = n == 7 ? w.Write("v", 1L) : w.Write("v", n)));
        Assert.Equal(ColumnType.Double, Column((w, n) => w.Write("v", n / 3.0)));
        Assert.Equal(ColumnType.Numeric, Column((w, n) => _ = n == 7 ? w.Write("v", 0.5) : w.Write("v", n)));
        Assert.Equal(ColumnType.Numeric, Column((w, n) => _ = n == 7 ? w.Write("v", Decimal128.Parse("1")) : w.Write("v", 0.5)));
    }

    [Fact]
    public void Is_text_that_may_be_an_ObjectId_where_both_stood()
    {
        var column = Read(Describe(Enough, (w, n) => _ = n % 2 == 0 ? w.Write("v", "x") : w.WriteObjectId("v", new byte[12]))).Tables.Single().Columns.Single(c => c.Field!.Path == "v");
        Assert.Equal(ColumnType.Text, column.Type);
        Assert.Equal([BsonType.String, BsonType.ObjectId], column.Field!.Accepted.Order());
    }

    [Fact]
    public void Is_jsonb_for_a_mixture_and_says_the_shares()
    {
        var field = Field((w, n) => _ = n <= 3 ? w.Write("v", n) : w.Write("v", "x"));
        Assert.True(field.Type!.IsJsonb);
        Assert.Contains("string 97 %, int 3 %", Assert.Single(field.Doubts));
    }

    [Fact]
    public void Is_required_only_what_stood_in_enough_documents_and_in_all_of_them()
    {
        Assert.True(Field((w, n) => w.Write("v", n)).Required);
        Assert.Contains("in all 100", Field((w, n) => w.Write("v", n)).Notes);
        Assert.False(Field((w, n) => w.Write("v", n), count: FieldInference.EnoughForRequired - 1).Required);
        var missing = Field((w, n) => _ = n == 50 ? w : w.Write("v", n));
        Assert.False(missing.Required);
        Assert.Contains("in 99 of 100 (99 %)", missing.Notes);
        Assert.False(Field((w, n) => _ = n == 50 ? w.WriteNull("v") : w.Write("v", n)).Required);
    }

    [Fact]
    public void Is_a_list_of_choices_where_few_texts_stand_again_and_again()
    {
        Assert.Equal(["blue", "red"], Field((w, n) => w.Write("v", n % 2 == 0 ? "red" : "blue")).Choices);
        Assert.Empty(Field((w, n) => w.Write("v", $"text {n % 21}"), count: 1_000).Choices);
        Assert.Empty(Field((w, n) => w.Write("v", n % 2 == 0 ? "red" : "blue"), count: 50).Choices);
        Assert.Empty(Field((w, n) => w.Write("gender", n % 2 == 0 ? "red" : "blue"), "gender").Choices);
    }

    [Fact]
    public void Is_never_more_than_a_warning()
    {
        var dataset = Read(Describe(Enough, (w, n) => w.Write("color", n % 2 == 0 ? "red" : "blue").Write("at", $"x{n}@example.org"))).Datasets.Single();
        Assert.All(dataset.Root.Children.Where(f => f.Name != "_id"), f => Assert.True(f.Warns));
        Assert.Equal(["blue", "red"], dataset.Root.Children.Single(f => f.Name == "color").Constraints.ValidValues!);
        Assert.Equal("email", dataset.Root.Children.Single(f => f.Name == "at").Constraints.Format);
    }

    [Theory]
    [InlineData("firstName", "x")]
    [InlineData("homeAddress", "x")]
    [InlineData("phoneNumber", "x")]
    [InlineData("contact", "ada@example.org")]
    [InlineData("reach", "+49 30 1234567")]
    [InlineData("from", "10.1.2.3")]
    public void Is_personal_by_name_or_by_what_it_looks_like(string name, string text) =>
        Assert.True(Read(Describe(Enough, (w, _) => w.Write(name, text))).Tables.Single().Columns.Single(c => c.Field!.Name == name).IsPersonal);

    [Theory]
    [InlineData("description")]
    [InlineData("total")]
    [InlineData("emailed")]
    public void Is_not_personal_without_reason(string name) => Assert.False(Field((w, n) => w.Write(name, $"thing {n}"), name).IsPersonal);

    [Fact]
    public void Is_the_name_of_a_person_only_where_people_are()
    {
        Assert.True(Field(Describe(Enough, (w, _) => w.Write("name", "x"), "customers"), "name").IsPersonal);
        Assert.False(Field(Describe(Enough, (w, _) => w.Write("name", "x"), "products"), "name").IsPersonal);
        Assert.True(Field(Describe(Enough, (w, _) => w.BeginDocument("author").Write("name", "x").End(), "products"), "author.name").IsPersonal);
    }

    [Fact]
    public void Is_one_jsonb_where_keys_are_data()
    {
        var byDay = Field((w, n) => w.BeginDocument("v").Write($"2024-01-{n % 28 + 1:00}", n).End());
        Assert.True(byDay.Type!.IsJsonb);
        Assert.Contains("look like ids or dates", Assert.Single(byDay.Doubts));
        var sparse = Field((w, n) => w.BeginDocument("v").Write($"sku {(char)('a' + n % 26)}", n).End());
        Assert.Contains("its keys look like data", Assert.Single(sparse.Doubts));
    }

    [Fact]
    public void Is_bounded_in_memory_whatever_the_number_of_keys()
    {
        var described = Describe(100_000, (w, n) => w.BeginDocument("v").Write($"k{n}", n).Write($"l{n}", n).End().Write($"top{n}", n));
        Assert.True(Field(described, "v").Type!.IsJsonb);
        Assert.True(described.Fields.Count <= ObservedField.MostFields);
        Assert.Contains(described.Doubts, d => d.Contains("fields beyond those that are told apart (met 99,"));
    }

    [Fact]
    public void Is_bounded_in_memory_also_where_keys_that_are_data_hold_others()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var described = Describe(1_000, (w, n) =>
        {
            w.BeginDocument("v").BeginDocument($"k{n}");
            for (int i = 0; i < 900; i++)
                w.Write($"m{i}", n);
            w.End().End();
        });
        Assert.True(Field(described, "v").Type!.IsJsonb);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 100L << 20);
        GC.KeepAlive(described);
    }

    [Fact]
    public void Is_a_child_table_with_its_own_key_only_where_that_never_stood_twice()
    {
        var own = Read(Describe(Enough, (w, n) => w.BeginArray("lines").BeginDocument().Write("id", n).Write("q", 1).End().End())).Tables.ElementAt(1);
        Assert.Equal(["line_id"], own.Key.Select(k => k.Name));
        var repeated = Read(Describe(Enough, (w, n) => w.BeginArray("lines").BeginDocument().Write("id", n / 2).Write("q", 1).End().End())).Tables.ElementAt(1);
        Assert.Equal(["thing_id", "ordinal"], repeated.Key.Select(k => k.Name));
        var sometimes = Read(Describe(Enough, (w, n) => w.BeginArray("lines").BeginDocument().Write("id", n).End().BeginDocument().Write("q", 1).End().End())).Tables.ElementAt(1);
        Assert.Equal(["thing_id", "ordinal"], sometimes.Key.Select(k => k.Name));
    }

    [Fact]
    public void Tells_what_to_partition_by_and_what_tells_the_last_change()
    {
        var described = Describe(Enough, (w, n) => w.WriteDateTime("updatedAt", 1_700_000_000_000 - n).WriteDateTime("createdAt", 1_600_000_000_000 + n).WriteDateTime("birthDate", n));
        Assert.Equal("createdAt", described.PartitionBy);
        Assert.Equal("createdAt", Read(described).Datasets.Single().PartitionBy);
        Assert.Contains(Field(described, "updatedAt").Notes, n => n.Contains("cursor"));
        Assert.Contains(Field(described, "createdAt").Notes, n => n == "never goes back in the order of _id");
        Assert.DoesNotContain(Field(described, "updatedAt").Notes, n => n.Contains("never goes back"));
    }

    [Fact]
    public void Suggests_a_form_for_texts_that_are_times()
    {
        var field = Field((w, n) => w.Write("v", $"2024-01-{n % 28 + 1:00}T10:00:00Z"));
        Assert.Contains("dateFormat [\"yyyy-MM-ddTHH:mm:ssK\"]", Assert.Single(field.Doubts));
        Assert.Equal("string", field.Type!.Logical);
    }

    [Fact]
    public void Knows_the_rarest_shape_of_a_large_collection()
    {
        const int rare = 12_345;
        var described = Describe(50_000, (w, n) => _ = n == rare ? w.Write("rare", "ada@example.org").Write("v", 1) : w.Write("v", 1));
        var field = Field(described, "rare");
        Assert.Equal(("email", true), (field.Format, field.IsPersonal));
        Assert.Contains("in 1 of 50,000 (under 0.01 %)", field.Notes);
    }

    [Fact]
    public void Is_the_same_by_the_same_seed()
    {
        static string Yaml() => ContractWriter.Write("made", "made", "a test", [Describe(5_000, (w, n) => w.Write("v", $"text {n * 7919 % 23}"))]);
        Assert.Equal(Yaml(), Yaml());
    }

    [Fact]
    public void Never_quotes_a_personal_value()
    {
        string yaml = ContractWriter.Write("made", "made", "a test", [Describe(Enough, (w, n) => w.Write("gender", "canary").Write("email", "canary@example.org").WriteDateTime("birthday", 1_234_567_890_000).Write("zip", 99_999))]);
        Assert.DoesNotContain("canary", yaml);
        Assert.DoesNotContain("2009", yaml);
        Assert.DoesNotContain("99999", yaml);
    }
}
