using BenchmarkDotNet.Attributes;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Validation;

namespace Benchmarks;

/// <summary>The hot path of one community user: gate, flatten into three tables and an invoice, hash. Must allocate nothing.</summary>
[MemoryDiagnoser]
public class FlatteningBenchmarks
{
    readonly byte[] user = MakeUser();
    Flattener flattener = null!;
    DocumentValidator validator = null!;

    [GlobalSetup]
    public void Setup()
    {
        var contract = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));
        flattener = new Flattener(contract.Datasets[0]);
        validator = new DocumentValidator(contract.Datasets[0]);
        if (flattener.Flatten(user) is { } refusal)
            throw new InvalidOperationException($"The benchmark's document is refused by {refusal.Rule} at {refusal.Field}.");
    }

    [Benchmark(Baseline = true, Description = "gate + flatten + hash")]
    public int Flatten()
    {
        flattener.Flatten(user);
        return flattener.RowCount;
    }

    [Benchmark(Description = "explain with FluentValidation")]
    public int Explain() => validator.Explain(user).Count;

    static byte[] MakeUser() => Bson.Make(w => w
        .WriteObjectId("_id", [0x5e, 0xd4, 0x1a, 0, 1, 2, 3, 4, 5, 6, 7, 8])
        .Write("firstname", "Мария").Write("lastname", "O'Connor").Write("age", 34).Write("gender", "Female").Write("country", "NL").Write("postCode", "1012 AB")
        .WriteDateTime("signUpDate", 1_591_000_000_000).WriteObjectId("groupId", [0x5e, 0xd4, 0x1a, 0, 9, 9, 9, 9, 0, 0, 0, 1])
        .BeginDocument("fakeDataHelpers").Write("messagesPerDay", 3).End()
        .BeginDocument("subscriptions")
        .WriteObjectId("_id", [0x5e, 0xd4, 0x1a, 0, 2, 2, 2, 2, 0, 0, 0, 2]).WriteObjectId("subscriptionID", [0x5e, 0xd4, 0x1a, 0, 3, 3, 3, 3, 0, 0, 0, 3])
        .WriteDateTime("startDate", 1_591_000_000_000)
        .BeginDocument("planType").WriteObjectId("_id", [0x5e, 0xd4, 0x1a, 0, 4, 4, 4, 4, 0, 0, 0, 4]).Write("planID", "1234").Write("planDescription", "CoreTechMonthly")
        .Write("planCost", 39.99).Write("currency", "GBP").Write("planLength", 1).Write("planLengthUnits", "month").Write("paymentType", "repeat").End()
        .BeginArray("invoices").BeginDocument().WriteObjectId("_id", [0x5e, 0xd4, 0x1a, 0, 5, 5, 5, 5, 0, 0, 0, 5]).Write("amount", 39.99).Write("currency", "GBP")
        .BeginDocument("info").Write("status", "paid").WriteDateTime("date", 1_591_100_000_000).End().End().End()
        .End());
}
