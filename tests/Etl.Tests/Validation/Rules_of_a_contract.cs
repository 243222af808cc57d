using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Tests.Contracts;
using Etl.Tests.Flattening;
using Etl.Validation;

namespace Etl.Tests.Validation;

public sealed class Rules_of_a_contract
{
    /// <summary>The gate and its explanation refuse the same documents, for the same rule, and show nothing personal.</summary>
    [Fact]
    public void Refuse_and_explain_the_same_documents()
    {
        var random = new Random(17);
        var flattener = new Flattener(Everything.Dataset);
        var validator = new DocumentValidator(Everything.Dataset);
        var rules = new HashSet<string>();
        int accepted = 0;
        for (int i = 0; i < 6_000; i++)
        {
            var document = Everything.Valid(random, i);
            if (i % 3 > 0)
                document = Everything.Corrupted(random, document);
            if (i % 10 == 9)
                document[random.Next(4, document.Length)] = (byte)random.Next(256);
            var refusal = flattener.Flatten(document);
            var violations = validator.Explain(document);
            string said = string.Join('\n', violations);
            Assert.True(refusal is null == (violations.Count == 0), $"document {i}: gate {refusal}; explained {said}: {Convert.ToHexString(document)}");
            if (refusal is not { } why)
            {
                accepted++;
                continue;
            }
            rules.Add(why.Rule);
            // Bytes that are no document end an explanation: what was broken behind them is not reached.
            Assert.True(violations.Any(v => v.Rule == why.Rule || v.Rule == RuleNames.Malformed), $"document {i}: gate {why.Rule} {why.Field}; explained {said}");
            Assert.DoesNotContain("Geheimnis", said, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("geheim@", said, StringComparison.Ordinal);
        }
        Assert.InRange(accepted, 2_000, 5_000);
        Assert.Superset(new HashSet<string>
        {
            RuleNames.Required, RuleNames.MustExist, RuleNames.Type, RuleNames.Nul, RuleNames.Utf8, RuleNames.Range, RuleNames.Exact, RuleNames.Minimum, RuleNames.Maximum,
            RuleNames.MaxLength, RuleNames.Pattern, RuleNames.Format, RuleNames.ValidValues, RuleNames.DuplicateKey,
        }, rules);
    }

    /// <summary>One field of a contract, its value as Extended JSON of one type, and the rule that it breaks; empty: none.</summary>
    [Theory]
    [InlineData("minimum: 0, maximum: 130", "0", "")]
    [InlineData("minimum: 0, maximum: 130", "-1", "minimum")]
    [InlineData("minimum: 0, maximum: 130", "130", "")]
    [InlineData("minimum: 0, maximum: 130", "131", "maximum")]
    [InlineData("exclusiveMinimum: 0, exclusiveMaximum: 130", "0", "minimum")]
    [InlineData("exclusiveMinimum: 0, exclusiveMaximum: 130", "1", "")]
    [InlineData("exclusiveMinimum: 0, exclusiveMaximum: 130", "130", "maximum")]
    [InlineData("exclusiveMinimum: 0, exclusiveMaximum: 130", "129", "")]
    public void Bound_numbers_of_every_type(string options, string value, string rule)
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of($"- {{ name: v, logicalType: number, logicalTypeOptions: {{ {options} }} }}")).Datasets[0]);
        foreach (var write in new Action<BsonWriter>[]
        {
            w => w.Write("v", int.Parse(value, null)), w => w.Write("v", long.Parse(value, null)), w => w.Write("v", double.Parse(value, null)),
            w => w.Write("v", Decimal128.Parse(value)), w => w.Write("v", Decimal128.Parse(value + ".000000000000000000000000000000")),
        })
            Assert.Equal(rule, Broken(validator, write));
    }

    static string Broken(DocumentValidator validator, Action<BsonWriter> write) =>
        string.Join(' ', validator.Explain(Bson.Make(w => { w.Write("_id", 1); write(w); })).Select(v => v.Rule));

    [Theory]
    [InlineData("130.000000000000000000000000000001", "maximum")]
    [InlineData("129.9999999999999999999999999999999", "")]
    [InlineData("-0.000000000000000000000000000000001", "minimum")]
    [InlineData("1E+6000", "maximum")]
    [InlineData("-1E+6000", "minimum")]
    [InlineData("1E-6000", "")]
    [InlineData("-1E-6000", "minimum")]
    [InlineData("NaN", "minimum maximum")]
    [InlineData("Infinity", "maximum")]
    [InlineData("-Infinity", "minimum")]
    [InlineData("-0", "")]
    public void Bound_decimals_exactly(string value, string rule)
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: number, logicalTypeOptions: { minimum: 0, maximum: 130 } }")).Datasets[0]);
        Assert.Equal(rule, Broken(validator, w => w.Write("v", Decimal128.Parse(value))));
    }

    [Theory]
    [InlineData("string, logicalTypeOptions: { minLength: 2, maxLength: 3 }", "🎉", "minLength")]
    [InlineData("string, logicalTypeOptions: { minLength: 2, maxLength: 3 }", "🎉🎉", "")]
    [InlineData("string, logicalTypeOptions: { minLength: 2, maxLength: 3 }", "🎉ä語", "")]
    [InlineData("string, logicalTypeOptions: { minLength: 2, maxLength: 3 }", "abcd", "maxLength")]
    [InlineData("string, logicalTypeOptions: { pattern: 'b+' }", "abc", "")]
    [InlineData("string, logicalTypeOptions: { pattern: '^b+$' }", "abc", "pattern")]
    [InlineData("string, logicalTypeOptions: { format: email }", "a@b.c", "")]
    [InlineData("string, logicalTypeOptions: { format: email }", "a@b.c\n", "format")]
    [InlineData("string, logicalTypeOptions: { format: ipv4 }", "255.1.0.9", "")]
    [InlineData("string, logicalTypeOptions: { format: ipv4 }", "256.1.0.9", "format")]
    [InlineData("string, logicalTypeOptions: { format: uuid }", "00112233-4455-6677-8899-aabbccddeeff", "")]
    [InlineData("string, logicalTypeOptions: { format: hostname }", "a-.b", "format")]
    [InlineData("string, logicalTypeOptions: { format: uri }", "no uri", "format")]
    [InlineData("string, quality: [{ metric: invalidValues, arguments: { validValues: [a, ''] }, mustBe: 0 }]", "", "")]
    [InlineData("string, quality: [{ metric: invalidValues, arguments: { validValues: [a] }, mustBe: 0 }]", "A", "validValues")]
    [InlineData("integer", "1", "type")]
    public void Bound_texts(string field, string value, string rule)
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of($"- {{ name: v, logicalType: {field} }}")).Datasets[0]);
        Assert.Equal(rule, Broken(validator, w => w.Write("v", value)));
    }

    [Fact]
    public void Compare_numbers_as_numbers_with_valid_values()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: number, quality: [{ metric: invalidValues, arguments: { validValues: ['5', '0.5'] }, mustBe: 0 }] }")).Datasets[0]);
        Assert.Equal("", Broken(validator, w => w.Write("v", 5)));
        Assert.Equal("", Broken(validator, w => w.Write("v", 5.0)));
        Assert.Equal("", Broken(validator, w => w.Write("v", 0.5)));
        Assert.Equal("", Broken(validator, w => w.Write("v", Decimal128.Parse("5.00"))));
        Assert.Equal("validValues", Broken(validator, w => w.Write("v", 6L)));
    }

    [Fact]
    public void Tell_missing_from_null()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: string }") + "    customProperties: [{ property: required, value: [v] }]\n").Datasets[0]);
        Assert.Equal("mustExist", Broken(validator, _ => { }));
        Assert.Equal("", Broken(validator, w => w.WriteNull("v")));
        validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: string, required: true }")).Datasets[0]);
        Assert.Equal("required", Broken(validator, _ => { }));
        Assert.Equal("required", Broken(validator, w => w.WriteNull("v")));
        Assert.Equal("", Broken(validator, w => w.Write("v", "")));
    }

    [Fact]
    public void Bound_dates_and_arrays()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: timestamp, logicalTypeOptions: { minimum: '1970-01-01', maximum: '1970-01-02T00:00:00Z' } }")).Datasets[0]);
        foreach (var (milliseconds, rule) in new[] { (-1L, "minimum"), (0L, ""), (86_400_000L, ""), (86_400_001L, "maximum") })
            Assert.Equal(rule, Broken(validator, w => w.WriteDateTime("v", milliseconds)));
        validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: array, items: { logicalType: string }, logicalTypeOptions: { minItems: 1, maxItems: 2 } }")).Datasets[0]);
        foreach (var (items, rule) in new[] { (0, "minItems"), (1, ""), (2, ""), (3, "maxItems") })
            Assert.Equal(rule, Broken(validator, w => { w.BeginArray("v"); for (int i = 0; i < items; i++) w.Write("x"); w.End(); }));
        Assert.Equal("type", Broken(validator, w => w.BeginArray("v").WriteObjectId("", new byte[12]).End()));
    }

    [Fact]
    public void Mask_what_stands_inside_something_personal()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: p, logicalType: object, classification: pii, properties: [{ name: street, logicalType: string, logicalTypeOptions: { maxLength: 1 } }] }",
            "- { name: l, logicalType: array, items: { logicalType: string, classification: pii }, logicalTypeOptions: { maxItems: 0 } }")).Datasets[0]);
        var violations = validator.Explain(Bson.Make(w => w.Write("_id", 1).BeginDocument("p").Write("street", "Geheimweg").End().BeginArray("l").Write("Geheim").End()));
        Assert.Equal([("maxLength", "***"), ("maxItems", "***")], violations.Select(v => (v.Rule, v.Value)));
        Assert.All(violations, v => Assert.DoesNotContain("Geheim", v.Message));
    }
}
