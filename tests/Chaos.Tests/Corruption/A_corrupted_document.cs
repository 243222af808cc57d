using System.Text.RegularExpressions;
using Chaos.Corruption;
using Chaos.Generation;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Validation;
using FsCheck;
using FsCheck.Fluent;

namespace Chaos.Tests.Corruption;

public sealed class A_corrupted_document
{
    static readonly Dictionary<string, (Flattener Gate, DocumentValidator Validator)> Judges = [];

    public static TheoryData<string> Datasets => [.. Subjects.Datasets.Select(d => d.Name)];

    public static TheoryData<string, string, string> Occasions => [.. Subjects.Datasets.SelectMany(dataset =>
    {
        var corruptor = new Corruptor(dataset, 1);
        return corruptor.Applicable.SelectMany(kind => corruptor.FieldsFor(kind).Select(f => (dataset.Name, kind.Name, f.Path)));
    })];

    [Theory, MemberData(nameof(Datasets))]
    public async Task Was_accepted_before(string name)
    {
        var dataset = Subjects.Dataset(name);
        foreach (var document in await Subjects.DocumentsAsync(dataset))
            Assert.Empty(new DocumentValidator(dataset).Explain(document));
    }

    [Theory, MemberData(nameof(Occasions))]
    public async Task Is_judged_as_its_kind_says(string name, string kindName, string path)
    {
        var dataset = Subjects.Dataset(name);
        var kind = CorruptionKind.All.Single(k => k.Name == kindName);
        int made = 0;
        foreach (var (document, seed) in (await Subjects.DocumentsAsync(dataset)).Take(15).Select((d, i) => (d, i)))
        {
            var corruptor = new Corruptor(dataset, seed);
            if (corruptor.Corrupt(kind, document, corruptor.FieldsFor(kind).Single(f => f.Path == path)) is not { } corrupted)
                continue;
            made++;
            Assert.Equal(path, Template(corrupted.Field));
            Judge(dataset, document, corrupted);
        }
        Assert.True(made > 0, $"{kind} was never made at {path}.");
    }

    [Fact]
    public void Is_judged_as_its_kind_says_whatever_the_seed_and_document() => FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
        ArbMap.Default.ArbFor<(int Seed, PositiveInt Document, PositiveInt Kind)>(), x =>
        {
            var dataset = Subjects.Dataset("orders");
            byte[] document = Subjects.Order(x.Document.Get);
            var corruptor = new Corruptor(dataset, x.Seed);
            if (corruptor.Corrupt(corruptor.Applicable[x.Kind.Get % corruptor.Applicable.Count], document) is { } corrupted)
                Judge(dataset, document, corrupted);
        }));

    [Fact]
    public async Task Is_judged_as_its_kind_says_in_any_community()
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            var sink = await Subjects.CommunityAsync(new CommunityOptions { Days = 3, SignUpsPerDay = 10, Seed = seed });
            foreach (var dataset in Subjects.Community.Datasets)
            {
                var corruptor = new Corruptor(dataset, seed);
                foreach (var document in sink[dataset.SourceName])
                    foreach (var kind in corruptor.Applicable)
                        if (corruptor.Corrupt(kind, document) is { } corrupted)
                            Judge(dataset, document, corrupted);
            }
        }
    }

    [Fact]
    public void Is_of_every_kind_where_a_contract_has_every_constraint() =>
        Assert.Equal(CorruptionKind.All, new Corruptor(Subjects.Dataset("orders"), 1).Applicable);

    [Fact]
    public void Is_only_of_kinds_that_the_contract_gives_an_occasion_for()
    {
        var groups = new Corruptor(Subjects.Dataset("groups"), 1);
        Assert.Equal([CorruptionKind.WrongType, CorruptionKind.NulInText, CorruptionKind.InvalidUtf8, CorruptionKind.DateOutOfRange, CorruptionKind.DuplicateKey, CorruptionKind.EmptyText, CorruptionKind.NaughtyText], groups.Applicable);
        Assert.Null(groups.Corrupt(CorruptionKind.MissingField, Etl.Documents.Bson.Make(d => d.WriteObjectId("_id", new byte[12]))));
    }

    [Fact]
    public void Never_has_a_broken_key() => Assert.All(Subjects.Datasets, dataset =>
    {
        var corruptor = new Corruptor(dataset, 1);
        Assert.All(corruptor.Applicable, kind => Assert.DoesNotContain(corruptor.FieldsFor(kind), f => f.Path == "_id"));
    });

    [Theory, MemberData(nameof(Datasets))]
    public async Task Is_the_same_for_the_same_seed_and_another_for_another(string name)
    {
        var dataset = Subjects.Dataset(name);
        var documents = await Subjects.DocumentsAsync(dataset);
        string[] Made(int seed) => [.. new Corruptor(dataset, seed).Applicable.SelectMany(kind => documents.Take(20)
            .Select(d => new Corruptor(dataset, seed).Corrupt(kind, d)).Select(c => c is null ? "" : $"{c.Field} {Convert.ToHexString(c.Document)}"))];
        Assert.Equal(Made(7), Made(7));
        Assert.NotEqual(Made(7), Made(8));
    }

    static void Judge(Dataset dataset, byte[] original, CorruptedDocument corrupted)
    {
        if (!Judges.TryGetValue(dataset.Name, out var judge))
            Judges[dataset.Name] = judge = (new Flattener(dataset), new DocumentValidator(dataset));
        var refusal = judge.Gate.Flatten(corrupted.Document);
        var violations = judge.Validator.Explain(corrupted.Document).Select(v => (v.Rule, v.Path)).Distinct().ToList();
        string what = $"{corrupted.Kind} at {corrupted.Field}: {refusal}";
        if (corrupted.Kind.Outcome == Chaos.Corruption.Outcome.Quarantined)
        {
            Assert.True(refusal?.Rule == corrupted.ExpectedRule, what);
            Assert.Equal(Template(corrupted.Field), refusal!.Value.Field!.Path);
            // A key that must be there and not null is both demands when it is gone; nothing else may be broken twice.
            if (corrupted.Kind == CorruptionKind.MissingField)
                violations.Remove((RuleNames.MustExist, corrupted.Field));
            Assert.Equal([(corrupted.ExpectedRule!, corrupted.Field)], violations);
        }
        else
        {
            Assert.True(refusal is null, what);
            Assert.Empty(violations);
        }
        Assert.Equal(corrupted.IsNew, Corruptor.KeyOf(original) != corrupted.Key);
        Assert.Equal(Corruptor.KeyOf(corrupted.Document), corrupted.Key);
        Assert.NotEqual(original, corrupted.Document);
        if (!corrupted.IsNew)
            Assert.True(Untouched.Except(original, corrupted.Document, corrupted.Field), $"{what}: something else changed.");
    }

    /// <summary>A field's path in the contract; an element of an array is the array's.</summary>
    static string Template(string path) => Regex.Replace(Regex.Replace(path, @"\[\d+\]$", ""), @"\[\d+\]", "[]");
}
