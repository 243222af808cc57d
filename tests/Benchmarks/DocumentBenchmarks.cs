using BenchmarkDotNet.Attributes;
using Etl.Documents;
using Etl.Flattening;
using Etl.Validation;
using FluentValidation;

namespace Benchmarks;

/// <summary>What drift and rule sets written by hand cost a document of five fields.</summary>
[MemoryDiagnoser]
public class DocumentBenchmarks
{
    sealed class Rules : RuleSet
    {
        public Rules() => Number("age").GreaterThanOrEqualTo(18).WithErrorCode("adult");
    }

    const string Age = "- { name: age, logicalType: integer }";

    readonly Flattener plain = new(SmallContract.Of(Age).Datasets[0]);
    readonly Flattener ruled = new(SmallContract.Of(Age, new RuleSets().Add("things", new Rules())).Datasets[0]);
    readonly byte[] known = Bson.Make(w => w.Write("_id", 1).Write("age", 34));
    readonly byte[] drifted = Bson.Make(w => w.Write("_id", 1).Write("age", 34).Write("nickname", "x").Write("score", 1.5).Write("flag", true));

    [Benchmark(Baseline = true, Description = "two fields, both described")]
    public bool Known() => plain.Flatten(known) is null;

    [Benchmark(Description = "… and three that are not: drift")]
    public bool Drifted() => plain.Flatten(drifted) is null;

    [Benchmark(Description = "… with a rule set of one rule")]
    public bool Ruled() => ruled.Flatten(known) is null;
}
