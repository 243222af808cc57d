using System.Diagnostics;
using System.Text.Json.Nodes;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>Files in, tables out, by the built executable; what they must hold is computed by a Python script that knows nothing of it.</summary>
[Trait("Category", "Foreign")]
public sealed class The_cards_pipeline
{
    const string Database = "acceptance_cards";

    static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

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
        // The faulty ones are reported by what they lack, and are fewer than the contract's 30 per cent, which would be a mismatch from 100 documents on.
        Assert.InRange(expected.Count("cards", "read"), 100, long.MaxValue);
        Assert.InRange(expected.Count("cards", "refused") * 100.0 / expected.Count("cards", "read"), 1, 30);
        Assert.Equal("reconciled", books.GetProperty("verdict").GetString());
        Assert.Equal(expected.Count("cards", "refused"), await run.Warehouse.CountAsync("SELECT count(*) FROM quality.quarantine WHERE pipeline = 'cards' AND state = 'open' AND rule = 'required' AND path = 'payload.user_id'"));
        await expected.AssertHeldByAsync(run.Warehouse);
        await run.ReconcileAsync("reconciled");

        await run.AssertChangesNothingAsync(tables);
        await run.AssertFindsAndMendsAsync(expected, "cards.users", "cards.cards");
        await run.AssertChangesNothingAsync(tables);
    }

    [Fact]
    public async Task Loads_by_days_and_forgets_no_file_of_the_others()
    {
        await using var run = await PipelineRun.CreateAsync("cards", $"{Database}_days");
        string inbox = InboxOf(run);
        await run.GenerateAsync("--days", "3");
        await run.SyncAsync("--from", "2020-06-02", "--to", "2020-06-02");
        Assert.Equal([["2020-06-02"]], await run.Warehouse.ListAsync("SELECT DISTINCT to_char(event_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM cards.card_events"));
        await run.ReconcileAsync("reconciled", "--from", "2020-06-02", "--to", "2020-06-02");
        var expected = await ExpectedAsync(inbox);
        await run.AssertChangesNothingAsync(expected.Tables.Keys.ToArray(), "--from", "2020-06-02", "--to", "2020-06-02");
        await run.SyncAsync();
        await expected.AssertHeldByAsync(run.Warehouse);
        await run.ReconcileAsync("reconciled");
    }

    /// <summary>Writes an event's file as if it had stood still for hours.</summary>
    static string Write(string inbox, JsonObject card, DateTime? written = null)
    {
        string file = Path.Combine(inbox, "cards", (string)card["metadata"]!["event_id"]! + ".json");
        File.WriteAllText(file, card.ToJsonString());
        File.SetLastWriteTimeUtc(file, written ?? Now.AddHours(-1));
        return file;
    }

    static JsonObject Card(string eventId, int card, string eventAt, string? updatedAt, string name) => new()
    {
        ["metadata"] = new JsonObject { ["type"] = "card", ["event_at"] = eventAt, ["event_id"] = eventId },
        ["payload"] = new JsonObject { ["id"] = card, ["user_id"] = 0, ["created_by_name"] = name, ["updated_at"] = updatedAt, ["created_at"] = "2020-01-01 00:00:00", ["active"] = true },
    };

    static string Id(int first, int second) => $"{first:x8}-0000-4000-8000-{second:x12}";

    [Fact]
    public async Task Follows_files_that_come_late_are_rewritten_or_completed_and_refuses_those_that_stay_broken()
    {
        await using var run = await PipelineRun.CreateAsync("cards", $"{Database}_changes");
        string inbox = InboxOf(run);
        await run.GenerateAsync("--days", "2");
        string half = Directory.GetFiles(Path.Combine(inbox, "cards"), "*.json").Single(f => Parsed(f) is null);
        string broken = Path.Combine(inbox, "cards", Id(9, 9) + ".json");
        byte[] bytes = [.. "{\"metadata\": \0 \xFF"u8, 0xFF];
        await File.WriteAllBytesAsync(broken, bytes, TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(broken, Now.AddSeconds(-90));
        await run.SyncAsync(); // sees the broken one, and takes all else
        await (await ExpectedAsync(inbox)).AssertHeldByAsync(run.Warehouse);

        // The half-written file is completed; one is rewritten with an older time than it had; one comes late, of before everything else.
        string latest = Directory.GetFiles(Path.Combine(inbox, "cards"), "*.json").Where(f => Parsed(f)?["payload"]?["user_id"] is not null).OrderBy(f => (string)Parsed(f)!["metadata"]!["event_at"]!).Last();
        var rewritten = Parsed(latest)!;
        rewritten["payload"]!["created_by_name"] = "rewritten";
        Write(inbox, rewritten, Now.AddYears(-20));
        Write(inbox, Card(Id(1, 1), 0, "2019-12-31 23:59:59", "2019-12-31 23:59:59", "late"), Now.AddYears(-30));
        string text = Card(Path.GetFileNameWithoutExtension(half), 7_000, "2020-07-01 00:00:00", null, "completed").ToJsonString();
        await File.WriteAllTextAsync(half, text, TestContext.Current.CancellationToken);
        var books = await run.SyncAsync();
        var expected = await ExpectedAsync(inbox);
        await expected.AssertHeldByAsync(run.Warehouse);
        Assert.Equal((1, "rewritten"), (await run.Warehouse.CountAsync("SELECT count(*) FROM cards.cards WHERE id = 7000"), (await run.Warehouse.ListAsync("SELECT created_by_name FROM cards.cards WHERE created_by_name = 'rewritten'")).Single()[0]));
        Assert.Equal(0, await run.Warehouse.CountAsync("SELECT count(*) FROM cards.cards WHERE created_by_name = 'late'"));

        // What stayed broken is in quarantine with its bytes; events without user_id are, too, and are less than the contract allows.
        Assert.Equal(bytes, (byte[])(await Postgres.ScalarAsync(run.Warehouse.ConnectionString, $"SELECT document FROM quality.quarantine WHERE pipeline = 'cards' AND state = 'open' AND position('{Path.GetFileName(broken)}'::bytea IN position) > 0"))!);
        Assert.Equal("reconciled", books.GetProperty("verdict").GetString());
        var judged = (await run.ReconcileAsync("reconciled")).GetProperty("datasets").EnumerateArray().Single(d => d.GetProperty("table").GetString() == "card_events");
        Assert.Equal(expected.Count("cards", "refused") + 1, PipelineRun.Count(judged, "quarantined"));
        await run.AssertChangesNothingAsync([.. expected.Tables.Keys]);

        static JsonObject? Parsed(string file)
        {
            try
            {
                return JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
            }
            catch (System.Text.Json.JsonException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Breaks_ties_by_what_events_say_and_never_by_the_time_of_their_files()
    {
        await using var run = await PipelineRun.CreateAsync("cards", $"{Database}_ties");
        string inbox = InboxOf(run);
        await run.GenerateAsync("--days", "1");
        const string at = "2021-01-01 10:00:00", earlier = "2021-01-01 09:00:00";
        // By updated_at, though ids speak otherwise; by id, where that is the same or not there; NULL comes first.
        (int Card, int Id, string? Updated, string Name)[] events =
        [
            (100, 9, earlier, "loses"), (100, 1, at, "wins"),
            (101, 1, at, "loses"), (101, 2, at, "wins"),
            (102, 9, null, "loses"), (102, 1, earlier, "wins"),
            (103, 0xb, null, "wins"), (103, 0xa, null, "loses"),
        ];
        for (int i = 0; i < events.Length; i++)
            Write(inbox, Card(Id(events[i].Id, events[i].Card), events[i].Card, at, events[i].Updated, events[i].Name), Now.AddDays(events[i].Name == "wins" ? -50 : -2));
        await run.SyncAsync();
        var expected = await ExpectedAsync(inbox);
        await expected.AssertHeldByAsync(run.Warehouse);
        Assert.Equal(4, await run.Warehouse.CountAsync("SELECT count(*) FROM cards.cards WHERE id >= 100 AND created_by_name = 'wins'"));

        // Copied, every file has another time: here, just the other way round.
        await using var other = await run.AnotherAsync($"{Database}_copied");
        string copy = other.Environment["QUALITY_CARDS_INBOX"] = Path.Combine(run.Folder, "copy");
        foreach (string file in Directory.GetFiles(inbox, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy, Path.GetRelativePath(inbox, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
            File.SetLastWriteTimeUtc(to, new DateTime(2040, 1, 1, 0, 0, 0, DateTimeKind.Utc) - (File.GetLastWriteTimeUtc(file) - DateTime.UnixEpoch));
        }
        other.Environment["QUALITY_BATCH_DOCUMENTS"] = "7";
        await other.SyncAsync();
        foreach (string table in expected.Tables.Keys)
            Assert.Equal(await run.Warehouse.ContentsAsync(table), await other.Warehouse.ContentsAsync(table));
        await other.ReconcileAsync("reconciled");
    }

    [Fact]
    public async Task Killed_in_the_middle_and_run_again_ends_as_if_nothing_had_happened()
    {
        await using var run = await PipelineRun.CreateAsync("cards", $"{Database}_killed");
        string inbox = InboxOf(run);
        await run.GenerateAsync("--days", "5");
        var expected = await ExpectedAsync(inbox);
        int all = expected.Tables["cards.card_events"].Values.Length;
        run.Environment["QUALITY_BATCH_DOCUMENTS"] = "2"; // a commit for each two files: time to be killed
        await using (var sync = run.StartSync())
        {
            var waited = Stopwatch.StartNew();
            while (await run.Warehouse.CountAsync("SELECT count(*) FROM pg_tables WHERE schemaname = 'cards' AND tablename = 'card_events'") == 0 || await run.Warehouse.CountAsync("SELECT count(*) FROM cards.card_events") == 0)
            {
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "nothing was loaded within a minute");
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
            sync.Signal(QualityProcess.Kill);
            Assert.NotEqual(0, (await sync.EndAsync()).ExitCode);
        }
        Assert.InRange(await run.Warehouse.CountAsync("SELECT count(*) FROM cards.card_events"), 1, all - 1);
        // Half of it is there, and what is there is consistent: the state of every card follows from the events that are.
        Assert.Equal(await run.Warehouse.CountAsync("SELECT count(DISTINCT card_id) FROM cards.card_events"), await run.Warehouse.CountAsync("SELECT count(*) FROM cards.cards"));
        await run.ReconcileAsync("mismatched");

        run.Environment.Remove("QUALITY_BATCH_DOCUMENTS");
        var books = await run.SyncAsync();
        Assert.InRange(PipelineRun.Count(PipelineRun.Dataset(books, "card_events"), "read"), 1, (int)expected.Count("cards", "read") - 1); // the rest alone
        await expected.AssertHeldByAsync(run.Warehouse);
        await using var undisturbed = await run.AnotherAsync($"{Database}_undisturbed");
        await undisturbed.SyncAsync();
        foreach (string table in expected.Tables.Keys)
            Assert.Equal(await undisturbed.Warehouse.ContentsAsync(table), await run.Warehouse.ContentsAsync(table));
        await run.ReconcileAsync("reconciled");
    }
}
