using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>Files in, tables out, by the built executable; what they must hold is computed by a Python script that knows nothing of it.</summary>
[Trait("Category", "Foreign")]
public sealed class The_cards_pipeline
{
    const string Database = "acceptance_cards";

    static Task<ScriptedTables> ExpectedAsync(string inbox) => ScriptedTables.ComputeAsync("cards_tables.py", inbox);

    static string InboxOf(PipelineRun run) => run.Environment["QUALITY_CARDS_INBOX"] = Path.Combine(run.Folder, "inbox");

    [Fact]
    public async Task Gives_what_a_script_computes_from_the_files_and_finds_and_mends_what_SQL_changed()
    {
        await using var run = await PipelineRun.CreateAsync("cards", Database);
        string inbox = InboxOf(run);
        await run.GenerateAsync("--days", "3");
        var expected = await ExpectedAsync(inbox);
        string[] tables = [.. expected.Tables.Keys];

        var books = await run.SyncAsync();
        var cards = PipelineRun.Dataset(books, "card_events");
        Assert.Equal((expected.Count("cards", "read"), expected.Count("cards", "refused")), (PipelineRun.Count(cards, "read"), PipelineRun.Count(cards, "quarantined")));
        Assert.Equal(expected.Count("cards", "broken"), PipelineRun.Count(books.GetProperty("effort"), "pending"));
        await expected.AssertHeldByAsync(run.Warehouse);
        await run.ReconcileAsync("reconciled");

        await run.AssertChangesNothingAsync(tables);
        await run.AssertFindsAndMendsAsync(expected, "cards.users", "cards.cards");
        await run.AssertChangesNothingAsync(tables);
    }
}
