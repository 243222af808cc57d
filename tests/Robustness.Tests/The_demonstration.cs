using Chaos.Corruption;
using Chaos.Generation;
using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;
using Quality.Reports;
using Quality.Sandbox;
using Tests.Shared;

namespace Robustness.Tests;

/// <summary>The whole harness, end to end, for several seeds: what was broken is found, all of it and nothing else, and mended.</summary>
public sealed class The_demonstration
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20_261_122)]
    public async Task Finds_exactly_what_was_broken_and_mends_it(int seed)
    {
        await using var warehouse = new Warehouse(await Postgres.DatabaseAsync($"demonstration_{seed}"));
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        var said = new List<string>();
        var outcome = await new Demonstration(Contract, mongo.Uri, warehouse, TimeProvider.System, said.Add)
            .RunAsync(new CommunityOptions { Seed = seed, Days = 20, SignUpsPerDay = 100 }, TestContext.Current.CancellationToken);

        Assert.Empty(outcome.Deviations);
        Assert.Equal(Verdict.Reconciled, outcome.Final.Verdict);
        Assert.Contains(said, line => line.Contains("mismatched. 3 rows missing, 5 changed, 7 unexpected, in community.users."));
        Assert.All(outcome.Final.Tables, table => Assert.True(table.Source > 0, $"{table.Table} compared nothing"));
    }

    /// <summary>The document faults that a demonstration must show, each with the words that stand for it in the report.</summary>
    static readonly (int Fault, string What, CorruptionKind[] Kinds)[] Catalogue =
    [
        (2, "missing required field", [CorruptionKind.MissingField]),
        (3, "null, missing and empty told apart", [CorruptionKind.NullField, CorruptionKind.MissingField, CorruptionKind.EmptyText]),
        (4, "wrong type", [CorruptionKind.WrongType]),
        (5, "NUL in text", [CorruptionKind.NulInText]),
        (6, "invalid UTF-8, lone surrogate", [CorruptionKind.InvalidUtf8]),
        (9, "dates out of range", [CorruptionKind.DateOutOfRange]),
        (10, "duplicate keys inside a document", [CorruptionKind.DuplicateKey]),
        (16, "naughty strings", [CorruptionKind.NaughtyText]),
        (18, "out of range, bad enum", [CorruptionKind.AboveMaximum, CorruptionKind.BelowMinimum, CorruptionKind.InvalidValue]),
        (20, "business key twice", [CorruptionKind.DuplicateBusinessKey]),
    ];

    [Fact]
    public async Task Shows_ten_faults_of_the_catalogue_in_its_report()
    {
        string database = await Postgres.DatabaseAsync("demonstration_report");
        await using var warehouse = new Warehouse(database);
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        await new Demonstration(Contract, mongo.Uri, warehouse, TimeProvider.System, _ => { })
            .RunAsync(new CommunityOptions { Seed = 3, Days = 20, SignUpsPerDay = 100 }, TestContext.Current.CancellationToken);

        await using var journal = NpgsqlDataSource.Create(database);
        var report = await new JournalReader(journal, TimeProvider.System, "Quality test").ReadAsync("community", TestContext.Current.CancellationToken);
        string page = System.Net.WebUtility.HtmlDecode(await ReportHtml.RenderAsync(report));
        foreach (var (fault, what, kinds) in Catalogue)
            foreach (var kind in kinds)
            {
                var row = report.Pipelines[0].Experiments.SingleOrDefault(e => e.Name == kind.Title);
                Assert.True(row is { Injected: > 0, Missed: 0, FalseAlarms: 0 }, $"fault {fault} ({what}): {kind} was not injected, or not found: {row}");
                Assert.Contains(kind.Title, page);
            }
    }

    internal static Contract Contract => ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));
}
