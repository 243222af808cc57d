using System.Text.Json;
using Tests.Shared;

namespace Quality.Tests.Commands;

[Trait("Category", "Long")]
public sealed class A_command_on_a_terminal() : CommandTest("on_a_terminal")
{
    protected override Task PrepareAsync() => CommunityServer.FillAsync(Mongo);

    TerminalSession Start(string folder, int batch, string redirection, params string[] more) => TerminalSession.Start(folder, Environment(batch), redirection, ["sync", "community", .. more]);

    TerminalSession Reconcile(string folder, string redirection, params string[] more) => TerminalSession.Start(folder, Environment(1_000), redirection, ["reconcile", "community", .. more]);

    Dictionary<string, string> Environment(int batch) => new(Servers) { ["QUALITY_BATCH_DOCUMENTS"] = $"{batch}" };

    static void ShowsItsCursor(TerminalSession terminal) =>
        Assert.True(terminal.Screen.LastIndexOf("\u001b[?25h", StringComparison.Ordinal) > terminal.Screen.LastIndexOf("\u001b[?25l", StringComparison.Ordinal), "the cursor stays hidden");

    static async Task AssertReconciledAsync(string folder)
    {
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "out.json")));
        Assert.Equal("reconciled", json.RootElement.GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task Draws_documents_and_rate_of_each_dataset()
    {
        await using var terminal = Start(QualityProcess.NewFolder(), 20, "");
        Assert.True(await terminal.EndAsync() == 0, terminal.Screen);
        foreach (string part in (string[])["users", "groups", "messages", "400 documents", "documents/s", "\u2501", "reconciled"])
            Assert.Contains(part, terminal.Screen);
        ShowsItsCursor(terminal);
    }

    [Fact]
    public async Task Keeps_its_drawing_out_of_the_JSON()
    {
        string folder = QualityProcess.NewFolder();
        await using var terminal = Start(folder, 20, "> out.json", "--json");
        Assert.True(await terminal.EndAsync() == 0, terminal.Screen);
        Assert.Contains("documents/s", terminal.Screen);
        await AssertReconciledAsync(folder);
    }

    [Fact]
    public async Task Draws_a_comparison_too_and_keeps_it_out_of_the_JSON()
    {
        string folder = QualityProcess.NewFolder();
        await using (var sync = Start(folder, 1_000, ""))
            Assert.True(await sync.EndAsync() == 0, sync.Screen);
        await Postgres.ExecuteAsync(Warehouse, "DELETE FROM community.users WHERE user_id = (SELECT min(user_id) FROM community.users)");

        await using (var terminal = Reconcile(folder, ""))
        {
            Assert.True(await terminal.EndAsync() == 1, terminal.Screen);
            foreach (string part in (string[])["400 of about 400 documents", "documents/s", "community.users", "399 of about 400 rows", "rows/s", "users again, for users", "\u2501", "mismatched"])
                Assert.Contains(part, terminal.Screen);
            ShowsItsCursor(terminal);
        }
        await using var mending = Reconcile(folder, "> out.json", "--repair", "--json");
        Assert.True(await mending.EndAsync() == 0, mending.Screen);
        foreach (string part in (string[])["users written anew", "1 of about 1 documents", "community.users once more", "400 of about 400 rows"])
            Assert.Contains(part, mending.Screen);
        await AssertReconciledAsync(folder);
    }

    [Fact]
    public async Task Ends_by_Ctrl_C_with_what_is_durable_and_goes_on_from_there()
    {
        string folder = QualityProcess.NewFolder();
        await using (var terminal = Start(folder, 2, ""))
        {
            await terminal.ShowsAsync("documents/s");
            await terminal.PressAsync(TerminalSession.ControlC);
            Assert.Equal(130, await terminal.EndAsync());
            Assert.Contains("Interrupted. Durable: ", terminal.Screen);
            Assert.Contains("the next 'quality sync community' goes on from there.", terminal.Screen);
            ShowsItsCursor(terminal);
        }
        Assert.Equal("scanning", await Postgres.ScalarAsync(Warehouse, "SELECT min(state) FILTER (WHERE state = 'scanning') FROM quality.checkpoints"));
        await using var again = Start(folder, 1_000, "");
        Assert.True(await again.EndAsync() == 0, again.Screen);
        Assert.Equal(400L, await Postgres.ScalarAsync(Warehouse, "SELECT count(*) FROM community.users"));
    }
}
