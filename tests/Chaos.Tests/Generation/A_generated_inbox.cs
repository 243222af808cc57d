using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chaos.Generation;
using Etl;
using Tests.Shared;

namespace Chaos.Tests.Generation;

public sealed class A_generated_inbox : IDisposable
{
    readonly string root = Scratch.Folder("cards");

    public void Dispose() => Directory.Delete(root, recursive: true);

    CardsOptions Options => new() { Inbox = Path.Combine(root, "inbox"), Days = 6, UsersPerDay = 40, Seed = 5 };

    async Task<CardsSummary> GenerateAsync(CardsOptions? options = null) => await new CardsGenerator(options ?? Options).GenerateDaysAsync(TestContext.Current.CancellationToken);

    /// <summary>The events of a folder that parse, in the order of files' names.</summary>
    static List<JsonNode> Events(CardsOptions options, string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(options.Inbox, folder), "*.json").Order(StringComparer.Ordinal).Select(File.ReadAllText).Select(Parsed).OfType<JsonNode>()];

    static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string At(JsonNode card) => (string)card["metadata"]!["event_at"]!;

    static IEnumerable<IGrouping<int, JsonNode>> Histories(CardsOptions options) => Events(options, "cards")
        .OrderBy(At, StringComparer.Ordinal).ThenBy(c => (string)c["payload"]!["updated_at"]!, StringComparer.Ordinal).ThenBy(c => (string)c["metadata"]!["event_id"]!, StringComparer.Ordinal)
        .GroupBy(c => (int)c["payload"]!["id"]!);

    [Fact]
    public async Task Has_an_event_a_file_that_is_named_after_it()
    {
        var summary = await GenerateAsync();
        foreach (string folder in (string[])["users", "cards"])
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Options.Inbox, folder), "*.json"))
                if (Parsed(await File.ReadAllTextAsync(file)) is { } json)
                {
                    Assert.Equal(Path.GetFileNameWithoutExtension(file), (string)json["metadata"]!["event_id"]!);
                    Assert.Equal(folder.TrimEnd('s'), (string)json["metadata"]!["type"]!);
                    Assert.Matches(@"^2020-06-0[1-6] \d\d:\d\d:\d\d$", At(json));
                }
        Assert.Equal(240, summary.Users);
        Assert.Equal(summary.Users, Events(Options, "users").Count);
        Assert.Equal(summary.Creations + summary.Changes, Events(Options, "cards").Count);
        Assert.Equal((new DateOnly(2020, 6, 1), new DateOnly(2020, 6, 6)), (summary.FirstDay, summary.LastDay));
    }

    [Fact]
    public async Task Counts_ids_from_zero_and_keeps_the_counters_among_the_events()
    {
        var summary = await GenerateAsync();
        Assert.Equal(Enumerable.Range(0, 240), Events(Options, "users").Select(u => (int)u["payload"]!["id"]!).Order());
        Assert.Equal(Enumerable.Range(0, (int)summary.Creations), Histories(Options).Select(h => h.Key).Order());
        Assert.Equal("240", await File.ReadAllTextAsync(Path.Combine(Options.Inbox, "users", "__id_counter")));
        Assert.Equal(summary.Creations.ToString(CultureInfo.InvariantCulture), await File.ReadAllTextAsync(Path.Combine(Options.Inbox, "cards", "__id_counter")));
    }

    [Fact]
    public async Task Has_the_fields_that_the_sources_have()
    {
        await GenerateAsync();
        Assert.All(Events(Options, "users"), u =>
        {
            Assert.Equal(["id", "name", "address", "job", "score"], u["payload"]!.AsObject().Select(p => p.Key));
            Assert.Contains('\n', (string)u["payload"]!["address"]!);
            Assert.InRange((double)u["payload"]!["score"]!, 0, 1);
        });
        Assert.All(Events(Options, "cards"), c => Assert.Equal(["id", "user_id", "created_by_name", "updated_at", "created_at", "active"],
            ((string[])["id", "user_id", "created_by_name", "updated_at", "created_at", "active"]).Where(k => k == "user_id" || c["payload"]!.AsObject().ContainsKey(k))));
    }

    [Fact]
    public async Task Lacks_the_user_in_one_creation_of_twenty_and_in_every_later_change()
    {
        var summary = await GenerateAsync(Options with { Days = 12 });
        var histories = Histories(Options).Select(h => h.Select(c => c["payload"]!.AsObject().ContainsKey("user_id")).ToArray()).ToArray();
        Assert.All(histories, h => Assert.Single(h.Distinct()));
        Assert.InRange(histories.Count(h => !h[0]) / (double)histories.Length, 0.03, 0.07);
        Assert.Equal(summary.WithoutUser, histories.Where(h => !h[0]).Sum(h => h.Length));
        Assert.True(summary.WithoutUser < 0.3 * (summary.Creations + summary.Changes));
    }

    [Fact]
    public async Task Creates_each_card_once_before_it_changes_and_has_ties()
    {
        await GenerateAsync();
        int changes = 0, sameSecond = 0, sameUpdate = 0;
        foreach (var history in Histories(Options))
        {
            Assert.Equal(At(history.First()), (string)history.First()["payload"]!["created_at"]!);
            Assert.Single(history.Select(c => (string)c["payload"]!["created_at"]!).Distinct());
            changes += history.Count() - 1;
            var seconds = history.GroupBy(At).Where(g => g.Count() > 1).ToArray();
            sameSecond += seconds.Length;
            sameUpdate += seconds.Count(g => g.Select(c => (string)c["payload"]!["updated_at"]!).Distinct().Count() < g.Count());
        }
        Assert.True(changes > 500, $"{changes} changes");
        Assert.True(sameSecond > 10, $"{sameSecond} ties");
        Assert.InRange(sameUpdate, 1, sameSecond - 1);
    }

    [Fact]
    public async Task Has_cards_of_users_that_never_came()
    {
        await GenerateAsync();
        Assert.Contains(Events(Options, "cards"), c => c["payload"]!["user_id"] is { } user && (long)user >= 1_000_000);
    }

    [Fact]
    public async Task Has_files_that_are_half_written_and_of_now()
    {
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-2);
        var summary = await GenerateAsync();
        var broken = Directory.EnumerateFiles(Path.Combine(Options.Inbox, "cards"), "*.json").Where(f => Parsed(File.ReadAllText(f)) is null).ToArray();
        Assert.Equal(1, summary.HalfWritten);
        Assert.All(Assert.Single(broken) is var file ? [file] : Array.Empty<string>(), f => Assert.True(File.GetLastWriteTimeUtc(f) > before));
        Assert.Empty(Directory.EnumerateFiles(Options.Inbox, "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    [Fact]
    public async Task Has_files_written_after_their_event_some_of_them_late()
    {
        await GenerateAsync();
        var delays = Directory.EnumerateFiles(Path.Combine(Options.Inbox, "users"), "*.json")
            .Select(f => File.GetLastWriteTimeUtc(f) - DateTime.Parse(At(Parsed(File.ReadAllText(f))!), CultureInfo.InvariantCulture)).ToArray();
        Assert.All(delays, d => Assert.InRange(d, TimeSpan.Zero, TimeSpan.FromHours(12)));
        Assert.InRange(delays.Count(d => d > TimeSpan.FromMinutes(1)), 1, delays.Length / 10);
    }

    [Fact]
    public async Task Is_the_same_for_the_same_seed_also_when_it_was_made_in_parts()
    {
        await GenerateAsync();
        var parts = Options with { Inbox = Path.Combine(root, "parts") };
        await GenerateAsync(parts with { Days = 4 });
        await GenerateAsync(parts with { Days = 2 });
        var other = Options with { Inbox = Path.Combine(root, "other"), Seed = 6 };
        await GenerateAsync(other);
        foreach (string folder in (string[])["users", "cards"])
        {
            string[] once = [.. Events(Options, folder).Select(e => e.ToJsonString())];
            Assert.NotEmpty(once);
            Assert.Equal(once, Events(parts, folder).Select(e => e.ToJsonString()));
            Assert.Empty(once.Intersect(Events(other, folder).Select(e => e.ToJsonString())));
        }
    }

    [Fact]
    public async Task Grows_live_until_it_is_cancelled_and_leaves_no_half_of_a_file()
    {
        using var stop = new CancellationTokenSource();
        var time = new SteppingTime();
        var progress = new Days(summary =>
        {
            if (summary.LastDay == Options.StartDate.AddDays(1))
                stop.Cancel();
        });
        var summary = await new CardsGenerator(Options, time).LiveAsync(progress, stop.Token);
        Assert.InRange(summary.Users, 80, 120);
        Assert.Equal(summary.Users, Directory.GetFiles(Path.Combine(Options.Inbox, "users"), "*.json").Length);
        Assert.Equal(summary.Creations + summary.Changes, Events(Options, "cards").Count);
        Assert.Equal(summary.Creations + summary.Changes, Directory.GetFiles(Path.Combine(Options.Inbox, "cards"), "*.json").Length);
    }

    [Fact]
    public async Task Gives_the_tables_that_an_independent_program_computes()
    {
        var summary = await GenerateAsync();
        string python = Requires.PythonModule("json", "apt-get install python3");
        using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Shared", "cards_tables.py"), Options.Inbox]) { RedirectStandardOutput = true })!;
        var said = JsonNode.Parse(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken))!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        var faulty = Histories(Options).Count(h => !h.First()["payload"]!.AsObject().ContainsKey("user_id"));
        Assert.Equal(summary.Creations + summary.Changes - summary.WithoutUser, Rows("cards.card_events").Count);
        Assert.Equal(summary.Creations - faulty, Rows("cards.cards").Count);
        // The latest state by another way: the last of each history as it was sorted here.
        Assert.Equal(Histories(Options).Select(h => h.Last()["payload"]!).Where(p => p["user_id"] is not null).OrderBy(p => (int)p["id"]!).Select(p => $"{p["id"]},{p["user_id"]},{p["active"]}"),
            Rows("cards.cards").Select(r => r!.AsArray()).OrderBy(r => int.Parse((string)r[0]!)).Select(r => $"{r[0]},{r[1]},{r[3]}"));
        Assert.Equal((summary.HalfWritten, summary.WithoutUser), ((long)said["counts"]!["cards"]!["broken"]!, (long)said["counts"]!["cards"]!["refused"]!));

        JsonArray Rows(string table) => said["tables"]![table]!["rows"]!.AsArray();
    }

    [Fact]
    public async Task That_cannot_be_written_is_an_error_that_names_it()
    {
        string file = Path.Combine(root, "file");
        await File.WriteAllTextAsync(file, "");
        var error = await Assert.ThrowsAsync<UnavailableException>(() => GenerateAsync(Options with { Inbox = Path.Combine(file, "inbox") }));
        Assert.Contains($"'{Path.Combine(file, "inbox")}' cannot be written to", error.Message);
    }

    [Fact]
    public void Lies_where_the_environment_says()
    {
        Assert.Equal("/there", CardsOptions.FromEnvironment(v => v == CardsOptions.InboxVariable ? "/there" : null).Inbox);
        Assert.Equal(CardsOptions.DefaultInbox, CardsOptions.FromEnvironment(_ => "").Inbox);
        Assert.Equal(7, CardsOptions.FromEnvironment(v => v == CommunityOptions.SignUpsVariable ? "7" : null).UsersPerDay);
        Assert.Throws<UsageException>(() => (Options with { Days = 0 }).Checked());
    }

    sealed class Days(Action<CardsSummary> told) : IProgress<CardsSummary>
    {
        public void Report(CardsSummary value) => told(value);
    }
}
