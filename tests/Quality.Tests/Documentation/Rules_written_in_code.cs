using System.Text.RegularExpressions;
using Chaos.MongoEmulator;
using Etl.Documents;
using Etl.Sources.Mongo;
using Quality.Tests.Reconciliation;
using Tests.Shared;
using Verdict = Etl.Loading.Verdict;

namespace Quality.Tests.Documentation;

/// <summary>The example of docs/contracts.md is this assembly's <see cref="BillingSync"/>, word for word, and does what the page says.</summary>
public sealed class Rules_written_in_code
{
    static readonly string Root = MarkdownPage.Root();

    [Fact]
    public void Stand_in_the_guide_as_they_are_compiled()
    {
        string example = Regex.Matches(File.ReadAllText(Path.Combine(Root, "docs", "contracts.md")), "^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(block => block.Groups[1].Value).Single(code => code.Contains("class Billing", StringComparison.Ordinal));
        string compiled = File.ReadAllText(Path.Combine(Root, "tests", "Quality.Tests", "Documentation", "BillingSync.cs"));
        Assert.Equal(Regex.Replace(compiled, @"namespace [\w.]+;\s+", ""), example);
    }

    [Fact]
    public async Task Quarantine_and_warn_beside_those_of_the_contract()
    {
        string warehouse = await Postgres.DatabaseAsync("rules_in_code");
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        using (var connection = MongoConnection.Open(mongo.Uri))
        {
            async Task InsertAsync(string collection, Action<BsonWriter> write) => await connection.CommandAsync("secondNature", Bson.Make(w =>
            {
                w.Write("insert", collection).BeginArray("documents");
                write(w);
                w.End();
            }));
            void User(BsonWriter w, byte id, int age, string country, long start) => w.BeginDocument().WriteObjectId("_id", Id(id)).Write("age", age).Write("country", country).WriteDateTime("signUpDate", 1_000)
                .BeginDocument("subscriptions").WriteObjectId("_id", Id((byte)(id + 100))).WriteObjectId("subscriptionID", Id((byte)(id + 150))).WriteDateTime("startDate", start)
                .BeginDocument("planType").Write("planID", "1").End().BeginArray("invoices").End().End().End();
            await InsertAsync("groups", w => w.BeginDocument().WriteObjectId("_id", Id(90)).End());
            await InsertAsync("messages", w => w.BeginDocument().WriteObjectId("_id", Id(91)).End());
            await InsertAsync("users", w =>
            {
                User(w, 1, 40, "NL", 2_000);
                User(w, 2, 17, "NL", 2_000); // adult
                User(w, 3, 40, "NL", 999);   // startsAfterSignUp
                User(w, 4, 40, "XX", 2_000); // country, a warning
                User(w, 5, 431, "NL", 2_000); // the contract's own maximum
            });
        }
        var result = await BillingSync.RunAsync(SyncedCommunity.ShippedContract, mongo.Uri, warehouse, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Reconciled, result.Verdict);
        Assert.Equal("adult,maximum,startsAfterSignUp", await Postgres.ScalarAsync(warehouse, "SELECT string_agg(rule, ',' ORDER BY rule) FROM quality.quarantine"));
        Assert.Equal(2L, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM community.users"));
        Assert.Contains(result.Checks, c => c is { Rule: "country", Failing: 1, Warns: true });
    }

    static byte[] Id(byte n) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n];
}
