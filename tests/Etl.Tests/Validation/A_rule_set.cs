using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Tests.Contracts;
using Etl.Validation;
using FluentValidation;
using Tests.Shared;

namespace Etl.Tests.Validation;

public sealed class A_rule_set
{
    static readonly string Text = ContractText.Of(
        "- { name: age, logicalType: integer }",
        "- { name: mail, logicalType: string, classification: pii }",
        "- { name: country, logicalType: string, required: true }",
        "- { name: born, logicalType: timestamp }",
        "- { name: signedUp, logicalType: timestamp }",
        "- { name: lines, logicalType: array, items: { logicalType: object, properties: [{ name: amount, logicalType: number }] } }");

    sealed class Adults : RuleSet
    {
        public Adults()
        {
            Number("age").GreaterThanOrEqualTo(18).WithErrorCode("adult");
            Text("mail").Must(mail => mail is null || mail.EndsWith(".org", StringComparison.Ordinal)).WithErrorCode("ourMail").WithMessage(d => $"'{d.Text("mail")}' is not one of ours");
            Text("country").NotEqual("XX").WithErrorCode("country").WithSeverity(Severity.Warning);
            Date("born").Must((user, born) => born is null || born < user.Date("signedUp")).WithErrorCode("bornFirst");
            Document().Must(d => d.Items("lines").Sum(l => l.Number("amount") ?? 0) < 100).WithErrorCode("sum").WithMessage(d => $"the lines of {d.Text("mail")} sum up to 100 or more");
        }
    }

    /// <summary>A validator that knows nothing of <see cref="RuleSet"/>.</summary>
    sealed class ByHand : AbstractValidator<DocumentView>
    {
        public ByHand() => RuleFor(d => d.Count("lines") ?? 0).LessThan(3).OverridePropertyName("lines").WithErrorCode("fewLines");
    }

    sealed class Broken : AbstractValidator<DocumentView>
    {
        public Broken() => RuleFor(d => d).Must(d => d.Text("country")!.Length > 5 ? true : throw new InvalidOperationException(d.Text("mail")));
    }

    static Dataset With(params IValidator<DocumentView>[] rules)
    {
        string folder = Scratch.Folder("rules");
        try
        {
            File.WriteAllText(Path.Combine(folder, ContractReader.FileName), Text);
            return ContractReader.Read(folder, rules.Aggregate(new RuleSets(), (sets, r) => sets.Add("things", r))).Datasets[0];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static byte[] User(Action<BsonWriter> write) => Bson.Make(w => { w.Write("_id", 1).Write("mail", "geheim@example.org").Write("country", "NL"); write(w); });

    static readonly (byte[] Document, string Rules)[] Cases =
    [
        (User(w => w.Write("age", 18)), ""),
        (User(_ => { }), ""),
        (User(w => w.Write("age", 17.0)), "adult"),
        (User(w => w.WriteDateTime("born", 5).WriteDateTime("signedUp", 5)), "bornFirst"),
        (User(w => w.WriteDateTime("born", 4).WriteDateTime("signedUp", 5)), ""),
        (User(w => w.BeginArray("lines").BeginDocument().Write("amount", 99.5).End().BeginDocument().Write("amount", 1).End().End()), "sum"),
        (User(w => w.BeginArray("lines").BeginDocument().End().BeginDocument().End().BeginDocument().End().End()), "fewLines"),
        (User(w => w.Write("age", 17).WriteDateTime("born", 5)), "adult bornFirst"),
        (User(w => w.Write("age", "17")), "type"),
        (Bson.Make(w => w.Write("_id", 1).Write("mail", "geheim@example.com")), "required ourMail"),
    ];

    [Fact]
    public void Judges_every_document_as_the_contract_does()
    {
        var dataset = With(new Adults(), new ByHand());
        var flattener = new Flattener(dataset);
        var validator = new DocumentValidator(dataset);
        foreach (var (document, rules) in Cases)
        {
            Assert.Equal(rules, string.Join(' ', validator.Explain(document).Select(v => v.Rule)));
            Assert.Equal(rules.Split(' ')[0], flattener.Flatten(document)?.Rule ?? "");
            Assert.Equal(rules.Length > 0, flattener.RowCount == 0);
        }
    }

    [Fact]
    public void Gives_rule_path_value_and_severity()
    {
        var violations = new DocumentValidator(With(new Adults())).Explain(User(w => w.Write("age", 17)));
        Assert.Equal([new Violation("adult", "age", "17", "'age' must be greater than or equal to '18'.", "error")], violations);
    }

    [Fact]
    public void May_only_warn()
    {
        var dataset = With(new Adults());
        var flattener = new Flattener(dataset);
        var document = Bson.Make(w => w.Write("_id", 1).Write("country", "XX"));
        Assert.Null(flattener.Flatten(document));
        Assert.Equal([new WarningCount("country", "country", 1)], flattener.TakeWarnings());
        Assert.Equal(("country", "warning"), Assert.Single(new DocumentValidator(dataset).Explain(document).Select(v => (v.Rule, v.Severity))));
    }

    [Fact]
    public void Tells_nothing_personal_whatever_its_messages_say()
    {
        var said = new DocumentValidator(With(new Adults(), new Broken())).Explain(Bson.Make(w => w.Write("_id", 1).Write("mail", "geheim@example.com").Write("country", "NL")
            .BeginArray("lines").BeginDocument().Write("amount", 100).End().End()));
        Assert.Equal(["ourMail", "sum", "ruleSet"], said.Select(v => v.Rule));
        Assert.Equal("***", said[0].Value);
        Assert.Equal("the lines of *** sum up to 100 or more", said[1].Message);
        Assert.DoesNotContain("geheim", string.Join('\n', said), StringComparison.Ordinal);
    }

    [Fact]
    public void That_fails_refuses_its_document_and_says_so()
    {
        var flattener = new Flattener(With(new Broken()));
        Assert.Equal("ruleSet", flattener.Flatten(User(_ => { }))?.Rule);
        Assert.Null(flattener.Flatten(Bson.Make(w => w.Write("_id", 1).Write("country", "Nederland"))));
    }

    [Fact]
    public void For_a_dataset_that_is_not_there_is_refused()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Pipelines", "community");
        var refused = Assert.Throws<UsageException>(() => ContractReader.Read(folder, new RuleSets().Add("user", new Adults())));
        Assert.Contains("Did you mean 'users'?", refused.Message, StringComparison.Ordinal);
        Assert.Empty(ContractReader.Read(folder).Datasets[0].RuleSets);
    }

    [Fact]
    public void Reads_values_by_path_and_type()
    {
        var view = new DocumentView(Bson.Make(w => w.BeginDocument("a").BeginArray("l").BeginDocument().Write("n", 1.5).End().Write("x").End().WriteObjectId("o", new byte[12]).WriteNull("z").Write("b", true).End()
            .WriteDateTime("d", 0).WriteDateTime("far", long.MaxValue).Write("nan", double.NaN)));
        Assert.Equal((1.5m, "x", new string('0', 24), true), (view.Number("a.l.0.n"), view.Text("a.l.1"), view.Text("a.o"), view.Flag("a.b")));
        Assert.Equal((2, 4, DateTimeOffset.UnixEpoch), (view.Count("a.l"), view.Count("a"), view.Date("d")));
        Assert.Equal((true, false, BsonType.Null, null), (view.Has("a.z"), view.Has("a.q"), view.TypeOf("a.z"), view.TypeOf("a.q")));
        Assert.Null(view.Text("a.l.0.n") ?? view.Text("d.x") ?? view.Text("a.l.7"));
        Assert.Null(view.Date("far"));
        Assert.Null(view.Number("nan") ?? view.Number("a"));
        Assert.Equal(1.5m, Assert.Single(view.Items("a.l")).Number("n"));
        Assert.Empty(view.Items("q"));
    }
}
