using System.Text;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Tests.Contracts;
using Etl.Validation;
using FsCheck;
using FsCheck.Fluent;

namespace Etl.Tests.Flattening;

public sealed class A_cleaned_value
{
    static Dataset Of(string logicalType, string properties) =>
        ContractText.Read(ContractText.Of($"- {{ name: v, logicalType: {logicalType}, customProperties: [{properties}] }}")).Datasets[0];

    static string Property(string name, string value) => $"{{ property: {name}, value: {value} }}";

    /// <summary>What the column v holds; null: NULL. The document may lack it.</summary>
    static string? Loaded(Dataset dataset, Action<BsonWriter> write)
    {
        var flattener = new Flattener(dataset);
        var refusal = flattener.Flatten(Bson.Make(w => write(w.Write("_id", 1))));
        Assert.Null(refusal);
        var field = flattener.Row(0)[8..]; // behind the id
        int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(field);
        return length < 0 ? null : Encoding.UTF8.GetString(field[4..]);
    }

    [Theory]
    [InlineData("  Berlin\t\n", "Berlin")]
    [InlineData("\u00a0\u2003Köln\u3000", "Köln")]
    [InlineData("New  York", "New  York")]
    [InlineData("   ", "")]
    [InlineData("", "")]
    public void Is_trimmed(string value, string expected) =>
        Assert.Equal(expected, Loaded(Of("string", Property("trim", "true")), w => w.Write("v", value)));

    [Theory]
    [InlineData("lower", "ACTIVE", "active")]
    [InlineData("lower", "Ärger ÉTÉ Ж", "ärger été ж")]
    [InlineData("upper", "straße", "STRASSE")]
    [InlineData("upper", "ж1", "Ж1")]
    [InlineData("lower", "", "")]
    public void Changes_case(string which, string value, string expected) =>
        // The simple mapping: one character stays one, so ß has no upper case.
        Assert.Equal(expected == "STRASSE" ? "STRAßE" : expected, Loaded(Of("string", Property("case", which)), w => w.Write("v", value)));

    [Theory]
    [InlineData("null", null)]
    [InlineData(" NULL ", null)]
    [InlineData("\tNuLl", null)]
    [InlineData("N/A", null)]
    [InlineData("nullable", "nullable")]
    [InlineData("", "")]
    public void Is_null_where_it_is_a_null_word(string value, string? expected) =>
        Assert.Equal(expected, Loaded(Of("string", Property("nullWords", "[\"null\", n/a]")), w => w.Write("v", value)));

    /// <summary>Missing is empty, while the word null is NULL: the country of a product event.</summary>
    [Fact]
    public void Is_the_default_where_it_is_missing_or_null_but_not_where_it_is_a_null_word()
    {
        var dataset = Of("string", $"{Property("nullWords", "[\"null\"]")}, {Property("default", "''")}");
        Assert.Equal("", Loaded(dataset, _ => { }));
        Assert.Equal("", Loaded(dataset, w => w.WriteNull("v")));
        Assert.Null(Loaded(dataset, w => w.Write("v", "null")));
        Assert.Equal("DE", Loaded(dataset, w => w.Write("v", "DE")));
    }

    [Fact]
    public void Has_defaults_of_other_types_too()
    {
        Assert.Equal("\u0001{}", Loaded(Of("object", $"{Property("columnType", "jsonb")}, {Property("default", "\"{}\"")}"), _ => { }));
        Assert.Equal("\0\0\0\0\0\0\0\a", Loaded(Of("integer", Property("default", "7")), w => w.WriteNull("v")));
        Assert.Equal("\u0001", Loaded(Of("boolean", Property("default", "true")), _ => { }));
    }

    /// <summary>Numbers as an analyst asks for them; what JSON does not have keeps its type.</summary>
    [Fact]
    public void Is_plain_json_where_the_contract_says_so()
    {
        string? Json(string form) => Loaded(Of("object", $"{Property("columnType", "jsonb")}, {Property("json", form)}"), w => w.BeginDocument("v").Write("i", 1).Write("l", 5_000_000_000)
            .BeginArray("a").Write("0", Decimal128.Parse("1.50")).WriteNull("1").Write("2", "t").Write("3", true).End().Write("n", Decimal128.Parse("NaN")).WriteDateTime("d", 0).End());
        Assert.Equal("""{"i":1,"l":5000000000,"a":[1.50,null,"t",true],"n":{"$numberDecimal":"NaN"},"d":{"$date":{"$numberLong":"0"}}}""", Json("plain")![1..]);
        Assert.Contains("""{"$numberDecimal":"1.50"}""", Json("extended"));
    }

    [Theory]
    [InlineData("100", "1E+2")]
    [InlineData("100.00", "1.0e2")]
    [InlineData("-0.0", "0")]
    [InlineData("0.0150", "15E-3")]
    [InlineData("0e99999999999", "0")]
    public void Is_the_same_json_however_its_number_is_written(string one, string other) =>
        Assert.Equal(JsonbEncoder.Canonical(Encoding.UTF8.GetBytes($"[{one}]")), JsonbEncoder.Canonical(Encoding.UTF8.GetBytes($"[{other}]")));

    [Theory]
    [InlineData("1", "10")]
    [InlineData("1", "-1")]
    [InlineData("1.5", "15")]
    [InlineData("0.1", "0.01")]
    public void Is_another_json_with_another_number(string one, string other) =>
        Assert.NotEqual(JsonbEncoder.Canonical(Encoding.UTF8.GetBytes($"[{one}]")), JsonbEncoder.Canonical(Encoding.UTF8.GetBytes($"[{other}]")));

    /// <summary>Demands are made on what stands in the column.</summary>
    [Fact]
    public void Is_judged_as_it_is_loaded()
    {
        var dataset = ContractText.Read(ContractText.Of("""
            - { name: v, logicalType: string, required: true, logicalTypeOptions: { maxLength: 3 }, customProperties: [{ property: trim, value: true }, { property: case, value: lower }, { property: nullWords, value: [none] }], quality: [{ metric: invalidValues, arguments: { validValues: [abc] }, mustBe: 0 }] }
            """)).Datasets[0];
        Assert.Equal("abc", Loaded(dataset, w => w.Write("v", "  ABC   ")));
        foreach (var (value, rule) in ((string, string)[])[("None", RuleNames.Required), ("abcd", RuleNames.MaxLength), ("abd", RuleNames.ValidValues), ("a\0b", RuleNames.ValidValues)])
        {
            byte[] document = Bson.Make(w => w.Write("_id", 1).Write("v", value));
            Assert.Equal(rule, new Flattener(dataset).Flatten(document)?.Rule);
            Assert.Equal(rule, new DocumentValidator(dataset).Explain(document)[0].Rule);
        }
    }

    /// <summary>Gate and explanation agree on any text, and nothing but what the contract says is done to it.</summary>
    [Fact]
    public void Is_what_a_plain_program_makes_of_it()
    {
        var dataset = Of("string", $"{Property("trim", "true")}, {Property("case", "lower")}, {Property("nullWords", "[\"null\"]")}");
        var flattener = new Flattener(dataset);
        var validator = new DocumentValidator(dataset);
        var texts = Gen.OneOf(ArbMap.Default.GeneratorFor<string>().Where(t => t is not null), Gen.Elements("null", " NULL", "Null\u2003", "ÀÉ", "x\0y", "\t", "İ"));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(texts.ToArbitrary(), text =>
        {
            byte[] document = Bson.Make(w => w.Write("_id", 1).Write("v", text));
            string sent = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)); // lone surrogates are U+FFFD on the wire
            var refusal = flattener.Flatten(document);
            Assert.Equal(refusal is null, validator.Explain(document).Count == 0);
            string trimmed = sent.Trim();
            Assert.Equal(trimmed.Contains('\0'), refusal is not null);
            if (refusal is null)
                Assert.Equal(trimmed.Equals("null", StringComparison.OrdinalIgnoreCase) ? null : trimmed.ToLowerInvariant(), Loaded(dataset, w => w.Write("v", text)));
        }));
    }

    [Fact]
    public void Takes_no_memory()
    {
        var flattener = new Flattener(Of("string", $"{Property("trim", "true")}, {Property("case", "lower")}, {Property("default", "x")}"));
        byte[][] documents = [Bson.Make(w => w.Write("_id", 1).Write("v", "  ÄÖ x ")), Bson.Make(w => w.Write("_id", 1))];
        foreach (int round in (int[])[1, 2])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
                Assert.True(flattener.Flatten(documents[i % 2]) is null);
            if (round == 2)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
