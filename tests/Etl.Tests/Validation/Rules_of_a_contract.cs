using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Tests.Contracts;
using Etl.Tests.Flattening;
using Etl.Validation;

namespace Etl.Tests.Validation;

public sealed class Rules_of_a_contract
{
    /// <summary>The gate and its explanation refuse the same documents, for the same rule, warn of the same, and show nothing personal.</summary>
    [Fact]
    public void Refuse_and_explain_the_same_documents()
    {
        var random = new Random(17);
        var rules = new HashSet<string>();
        int accepted = Judge(Everything.Dataset, i => Everything.Valid(random, i), random, 9_000, rules);
        Assert.InRange(accepted, 3_000, 8_000);
        Assert.Superset(new HashSet<string>
        {
            RuleNames.Required, RuleNames.MustExist, RuleNames.Type, RuleNames.Nul, RuleNames.Utf8, RuleNames.Range, RuleNames.Exact, RuleNames.Minimum, RuleNames.Maximum,
            RuleNames.MaxLength, RuleNames.Pattern, RuleNames.Format, RuleNames.ValidValues, RuleNames.DuplicateKey, RuleNames.MultipleOf, RuleNames.UniqueItems,
            RuleNames.MaxProperties, RuleNames.MinItems,
        }, rules);
    }

    /// <summary>A document without rows was once accepted with values that no column holds, and explained as refused.</summary>
    [Fact]
    public void Refuse_and_explain_the_same_documents_where_the_document_has_no_table()
    {
        var random = new Random(18);
        var rules = new HashSet<string>();
        int accepted = Judge(Everything.Threads, i => Everything.Thread(random, i), random, 3_000, rules);
        Assert.InRange(accepted, 1_000, 2_600);
        Assert.Superset(new HashSet<string> { RuleNames.Nul, RuleNames.Utf8, RuleNames.Range, RuleNames.Exact, RuleNames.Type, RuleNames.Required }, rules);
    }

    static int Judge(Dataset dataset, Func<int, byte[]> make, Random random, int documents, HashSet<string> rules)
    {
        var flattener = new Flattener(dataset);
        var validator = new DocumentValidator(dataset);
        int accepted = 0;
        for (int i = 0; i < documents; i++)
        {
            var document = make(i);
            if (i % 3 > 0)
                document = Everything.Corrupted(random, document);
            if (i % 10 == 9)
                document[random.Next(4, document.Length)] = (byte)random.Next(256);
            var refusal = flattener.Flatten(document);
            var explained = validator.Explain(document);
            var errors = explained.Where(v => v.Severity == Violation.Error).ToList();
            string said = string.Join('\n', explained);
            Assert.True(refusal is null == (errors.Count == 0), $"document {i}: gate {refusal}; explained {said}: {Convert.ToHexString(document)}");
            Assert.DoesNotContain("Geheimnis", said, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("geheim@", said, StringComparison.Ordinal);
            var warned = flattener.TakeWarnings();
            if (refusal is not { } why)
            {
                accepted++;
                Assert.Equal(explained.Where(v => v.Severity == Violation.Warning).Select(v => v.Rule), warned.Select(w => w.Rule));
                continue;
            }
            Assert.Empty(warned);
            rules.Add(why.Rule);
            Assert.Equal(Violation.Error, explained[0].Severity);
            // Bytes that are no document end an explanation: what was broken behind them is not reached.
            Assert.True(errors.Any(v => v.Rule == why.Rule || v.Rule == RuleNames.Malformed), $"document {i}: gate {why.Rule} {why.Field}; explained {said}");
        }
        return accepted;
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
    [InlineData("string, quality: [{ metric: invalidValues, arguments: { pattern: '^a' }, mustBe: 0 }]", "ba", "validValues")]
    [InlineData("string, quality: [{ metric: invalidValues, arguments: { pattern: '^a' }, mustBe: 0 }]", "ab", "")]
    [InlineData("string, logicalTypeOptions: { format: ipv6 }", "::1", "")]
    [InlineData("string, logicalTypeOptions: { format: ipv6 }", "fe80::1%eth0", "format")]
    [InlineData("string, logicalTypeOptions: { format: ipv6 }", "127.0.0.1", "format")]
    [InlineData("string, logicalTypeOptions: { format: ipv6 }", "::x", "format")]
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

    /// <summary>Bounds that no double is, and values that are written as it comes.</summary>
    [Fact]
    public void Compare_numbers_by_value_and_not_by_how_they_are_written()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of(
            "- { name: v, logicalType: number, logicalTypeOptions: { minimum: 9007199254740993, maximum: 18014398509481985 } }",
            "- { name: i, logicalType: integer, quality: [{ metric: invalidValues, arguments: { validValues: [1.0, 2e0] }, mustBe: 0 }] }")).Datasets[0]);
        Assert.Equal("minimum", Broken(validator, w => w.Write("v", 9007199254740992.0)));
        Assert.Equal("", Broken(validator, w => w.Write("v", 9007199254740994.0)));
        Assert.Equal("", Broken(validator, w => w.Write("v", 18014398509481984.0)));
        Assert.Equal("maximum", Broken(validator, w => w.Write("v", 18014398509481988.0)));
        foreach (var write in new Action<BsonWriter>[] { w => w.Write("i", 1), w => w.Write("i", 2L), w => w.Write("i", 1.0), w => w.Write("i", Decimal128.Parse("2.00")) })
            Assert.Equal("", Broken(validator, write));
        Assert.Equal("validValues", Broken(validator, w => w.Write("i", 3)));
    }

    /// <summary>BSON's dates have whole milliseconds, a contract's need not.</summary>
    [Theory]
    [InlineData("minimum", "1970-01-01T00:00:00.0005Z", 0, 1)]
    [InlineData("exclusiveMinimum", "1970-01-01T00:00:00.0005Z", 0, 1)]
    [InlineData("exclusiveMinimum", "1970-01-01T00:00:00.001Z", 1, 2)]
    [InlineData("maximum", "1970-01-01T00:00:00.0005Z", 1, 0)]
    [InlineData("exclusiveMaximum", "1970-01-01T00:00:00.0005Z", 1, 0)]
    [InlineData("exclusiveMaximum", "1970-01-01T00:00:00.001Z", 1, 0)]
    public void Bound_dates_between_milliseconds(string option, string bound, long refused, long allowed)
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of($"- {{ name: v, logicalType: timestamp, logicalTypeOptions: {{ {option}: '{bound}' }} }}")).Datasets[0]);
        Assert.Equal(option.EndsWith("inimum", StringComparison.Ordinal) ? "minimum" : "maximum", Broken(validator, w => w.WriteDateTime("v", refused)));
        Assert.Equal("", Broken(validator, w => w.WriteDateTime("v", allowed)));
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

    [Theory]
    [InlineData("0.25", "0.75", true)]
    [InlineData("0.25", "0.8", false)]
    [InlineData("0.1", "0.3", true)]
    [InlineData("5", "-10", true)]
    [InlineData("5", "0", true)]
    [InlineData("5", "12", false)]
    [InlineData("0.5", "1E+300", true)]
    [InlineData("7", "1E+300", false)]
    [InlineData("0.5", "1E-300", false)]
    [InlineData("0.01", "123456789012.34", true)]
    [InlineData("0.01", "123456789012.345", false)]
    public void Demand_multiples_of_numbers_of_every_type(string factor, string value, bool allowed)
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of($"- {{ name: v, logicalType: number, logicalTypeOptions: {{ multipleOf: {factor} }} }}")).Datasets[0]);
        string rule = allowed ? "" : "multipleOf";
        Assert.Equal(rule, Broken(validator, w => w.Write("v", Decimal128.Parse(value))));
        Assert.Equal(rule, Broken(validator, w => w.Write("v", double.Parse(value, System.Globalization.CultureInfo.InvariantCulture))));
        if (long.TryParse(value, out long whole))
            Assert.Equal((rule, rule), (Broken(validator, w => w.Write("v", whole)), Broken(validator, w => w.Write("v", (int)whole))));
        Assert.Equal("multipleOf", Broken(validator, w => w.Write("v", double.NaN)));
        Assert.Equal("multipleOf", Broken(validator, w => w.Write("v", Decimal128.PositiveInfinity)));
    }

    [Fact]
    public void Demand_unique_items()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: array, logicalTypeOptions: { uniqueItems: true }, customProperties: [{ property: columnType, value: jsonb }] }")).Datasets[0]);
        string Of(Action<BsonWriter> items) => Broken(validator, w => { w.BeginArray("v"); items(w); w.End(); });
        Assert.Equal("", Of(_ => { }));
        Assert.Equal("", Of(w => w.Write("1").Write("", 1).Write("a").Write("", true).WriteNull("")));
        Assert.Equal("", Of(w => { for (int i = 0; i < 2_000; i++) w.Write("", i * 0.5); }));
        Assert.Equal("uniqueItems", Of(w => w.Write("a").Write("b").Write("a")));
        Assert.Equal("uniqueItems", Of(w => w.Write("", 1).Write("", 1.0)));
        Assert.Equal("uniqueItems", Of(w => w.Write("", 15L).Write("", Decimal128.Parse("1.50E1"))));
        Assert.Equal("uniqueItems", Of(w => w.BeginDocument().Write("x", 1).End().BeginDocument().Write("x", 1).End()));
        Assert.Equal("", Of(w => w.Write("", 1e300).Write("", 1e299)));
    }

    [Fact]
    public void Bound_the_keys_of_objects_and_the_elements_of_arrays()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: object, logicalTypeOptions: { minProperties: 1, maxProperties: 2 }, properties: [{ name: a, logicalType: integer }] }")).Datasets[0]);
        Assert.Equal("minProperties", Broken(validator, w => w.BeginDocument("v").End()));
        Assert.Equal("", Broken(validator, w => w.BeginDocument("v").Write("a", 1).Write("undescribed", 1).End()));
        Assert.Equal("maxProperties", Broken(validator, w => w.BeginDocument("v").Write("a", 1).Write("b", 1).Write("c", 1).End()));

        validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: array, items: { logicalType: string, required: true, logicalTypeOptions: { maxLength: 2 }, quality: [{ metric: invalidValues, arguments: { validValues: [a, b, ''] }, mustBe: 0 }] } }")).Datasets[0]);
        Assert.Equal("", Broken(validator, w => w.BeginArray("v").Write("a").Write("").End()));
        Assert.Equal("required", Broken(validator, w => w.BeginArray("v").Write("a").WriteNull("").End()));
        Assert.Equal("maxLength validValues", Broken(validator, w => w.BeginArray("v").Write("a").Write("abc").End()));

        validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: object, logicalTypeOptions: { required: [k] }, customProperties: [{ property: columnType, value: jsonb }] }")).Datasets[0]);
        Assert.Equal("mustExist", Broken(validator, w => w.BeginDocument("v").Write("a", 1).End()));
        Assert.Equal("", Broken(validator, w => w.BeginDocument("v").WriteNull("k").End()));
    }

    [Fact]
    public void Bound_dates_exclusively_to_the_millisecond()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of("- { name: v, logicalType: timestamp, logicalTypeOptions: { exclusiveMinimum: '1970-01-01', exclusiveMaximum: '1970-01-01T00:00:00.003Z' } }")).Datasets[0]);
        foreach (var (milliseconds, rule) in new[] { (0L, "minimum"), (1L, ""), (2L, ""), (3L, "maximum") })
            Assert.Equal(rule, Broken(validator, w => w.WriteDateTime("v", milliseconds)));
    }

    /// <summary>A warning loads the document; what no column can hold is never a warning, nor is a key.</summary>
    [Fact]
    public void Only_warn_where_the_contract_says_so()
    {
        var dataset = ContractText.Read(ContractText.Of("- { name: v, logicalType: integer, physicalType: int, required: true, logicalTypeOptions: { maximum: 5 } }", "- { name: hard, logicalType: integer, logicalTypeOptions: { maximum: 5 }, customProperties: [{ property: onViolation, value: quarantine }] }")
            + "    customProperties: [{ property: onViolation, value: warn }]\n").Datasets[0];
        var flattener = new Flattener(dataset);
        string? Refuses(Action<BsonWriter> write) => flattener.Flatten(Bson.Make(w => { w.Write("_id", 1); write(w); }))?.Rule;
        Assert.Null(Refuses(w => w.Write("v", 6)));
        Assert.Null(Refuses(w => w.Write("v", 6)));
        Assert.Null(Refuses(_ => { }));
        Assert.Equal("type", Refuses(w => w.Write("v", "x")));
        Assert.Equal("exact", Refuses(w => w.Write("v", 0.5)));
        Assert.Equal("maximum", Refuses(w => w.Write("v", 6).Write("hard", 6)));
        Assert.Equal("required", flattener.Flatten(Bson.Make(w => w.Write("v", 1)))?.Rule);
        Assert.Equal([new WarningCount("maximum", "v", 2), new WarningCount("required", "v", 1)], flattener.TakeWarnings());
        Assert.Equal(3, flattener.WarnedDocuments);
        Assert.Empty(flattener.TakeWarnings());
    }

    /// <summary>Objects, and what stands in their place, are never shown where something personal belongs into them; nor is what nobody described.</summary>
    [Fact]
    public void Show_nothing_personal_that_stands_in_another_place()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of(
            "- { name: person, logicalType: object, logicalTypeOptions: { maxProperties: 1 }, properties: [{ name: street, logicalType: string, classification: pii, logicalTypeOptions: { pattern: '^[a-z]+$' } }] }",
            "- { name: people, logicalType: array, items: { logicalType: object, properties: [{ name: mail, logicalType: string, classification: pii }] } }",
            "- { name: plain, logicalType: string }",
            "- { name: level, logicalType: string, classification: pii, quality: [{ metric: invalidValues, arguments: { validValues: [Geheimstufe] }, mustBe: 0 }] }")).Datasets[0]);
        var violations = validator.Explain(Bson.Make(w => w.Write("_id", 1)
            .BeginDocument("person").Write("street", "Geheimweg 1").Write("x", "Geheim").End()
            .BeginArray("people").Write("geheim@example.org").End()
            .BeginDocument("plain").Write("unknown", "Geheim").End().Write("level", "x")));
        Assert.Equal(["maxProperties person", "pattern person.street", "type people[0]", "type plain", "validValues level"], violations.Select(v => $"{v.Rule} {v.Path}"));
        Assert.DoesNotContain("Geheim", string.Join('\n', violations), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("[a-z]", string.Join('\n', violations), StringComparison.Ordinal);
        Assert.Contains("{1 keys}", string.Join('\n', violations), StringComparison.Ordinal);
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

    /// <summary>A document of a million broken places once took gigabytes, and more than jsonb holds: no sync could get past it.</summary>
    [Fact]
    public void Explain_the_first_violations_of_very_many()
    {
        var validator = new DocumentValidator(ContractText.Read(ContractText.Of(
            "- { name: soft, logicalType: array, customProperties: [{ property: onViolation, value: warn }], items: { logicalType: object, properties: [{ name: x, logicalType: string, required: true }] } }",
            "- { name: hard, logicalType: array, items: { logicalType: object, properties: [{ name: x, logicalType: string, required: true }] } }")).Datasets[0]);
        const int many = 20_000;
        var violations = validator.Explain(Bson.Make(w =>
        {
            w.Write("_id", 1);
            foreach (string name in (string[])["soft", "hard"])
            {
                w.BeginArray(name);
                for (int i = 0; i < many; i++)
                    w.BeginDocument().End();
                w.End();
            }
        }));
        var errors = violations.Where(v => v.Severity == Violation.Error).ToList();
        Assert.Equal(Enumerable.Range(0, DocumentValidator.MostTold).Select(i => $"hard[{i}].x"), errors.Select(v => v.Path));
        Assert.Equal(DocumentValidator.MostTold, violations.Count - errors.Count);
        Assert.Equal(errors, violations.Take(errors.Count));
    }
}
