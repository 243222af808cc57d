using Etl.Loading;
using FsCheck;
using FsCheck.Fluent;
using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

/// <summary>Promise I9: plant k differences, and k are reported, exactly those.</summary>
[Trait("Category", "Long")]
public sealed class Planted_differences : IAsyncLifetime
{
    const int Cases = 50, MostOfAKind = 4;

    public sealed record Edit(int Table, int Deletes, int Updates, int Inserts, int Column, int Skip);

    SyncedCommunity community = null!;

    public async ValueTask InitializeAsync() => community = await SyncedCommunity.StartAsync("planted");

    public ValueTask DisposeAsync() => community.DisposeAsync();

    [Fact]
    public void Are_found_all_and_no_others_and_mended_by_a_repair()
    {
        var edit = from table in Gen.Choose(0, 5)
                   from counts in Gen.Choose(0, MostOfAKind).ArrayOf(3)
                   from column in Gen.Choose(0, 8)
                   from skip in Gen.Choose(0, 40)
                   select new Edit(table, counts[0], counts[1], counts[2], column, skip);
        var edits = Gen.Choose(0, 4).SelectMany(edit.ListOf).Select(e => e.DistinctBy(x => x.Table).ToArray());
        // From a range for each few documents to one range for all, and from many turns to one.
        var sizes = from documents in Gen.Elements(1, 7, 256) from rows in Gen.Elements(1, 40, 200_000) select new ReconcileOptions { DocumentsPerRange = documents, RowsAtATime = rows };
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(edits.ToArbitrary(), sizes.ToArbitrary(), (chosen, options) => { Judge(chosen, options); }));
    }

    void Judge(Edit[] edits, ReconcileOptions options) => Task.Run(() => JudgeAsync(edits, options)).GetAwaiter().GetResult();

    async Task JudgeAsync(Edit[] edits, ReconcileOptions options)
    {
        var tables = community.Contract.Tables.ToArray();
        var planted = tables.ToDictionary(t => t, _ => new Planter.Planted([], [], []));
        // Plans first: an edited subscription may then refer to a plan that is not there, never by chance to one that was planted.
        foreach (var edit in edits.OrderBy(e => tables[e.Table].IsShared ? 0 : 1))
            planted[tables[edit.Table]] = await new Planter(community).PlantAsync(tables[edit.Table], edit.Deletes, edit.Updates, edit.Inserts, edit.Column, edit.Skip);

        var repair = await community.RepairAsync(deleteUnexpected: true, options);
        var result = repair.Before;

        foreach (var table in result.Tables)
        {
            var expected = planted[table.Table];
            if (table.Table.IsShared) // a plan that nothing refers to is counted apart
            {
                Assert.Equal(expected.Unexpected.Length, table.Unreferenced);
                expected = expected with { Unexpected = [] };
            }
            Findings.AssertExactly(expected, table);
            Assert.Equal(table.DifferenceCount == 0 ? Verdict.Reconciled : Verdict.Mismatched, table.Verdict);
        }
        Assert.Equal(result.Tables.Sum(t => t.DifferenceCount) == 0 ? Verdict.Reconciled : Verdict.Mismatched, result.Verdict);
        Assert.Equal(Verdict.Reconciled, repair.After.Verdict);
        await community.ExecuteAsync("DELETE FROM community.plans WHERE plan_id LIKE 'planted-%'");
    }
}
