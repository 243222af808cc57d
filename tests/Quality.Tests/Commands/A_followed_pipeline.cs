using System.Text.Json;

namespace Quality.Tests.Commands;

/// <summary><c>sync --follow</c> as a process: a run for what is there, another for what comes, until it is stopped.</summary>
public sealed class A_followed_pipeline() : CommandTest("command_follow")
{
    readonly string inbox = QualityProcess.NewFolder();

    void Write(int id)
    {
        string name = $"{id:00000000}-0000-0000-0000-000000000000", path = Path.Combine(inbox, "users", name + ".json");
        File.WriteAllText(path + ".tmp", $$$"""{"metadata": {"type": "user", "event_at": "2024-01-01 00:00:{{{id:00}}}", "event_id": "{{{name}}}"}, "payload": {"id": {{{id}}}, "name": "N", "address": "A", "job": "J", "score": 0.5}}""");
        File.Move(path + ".tmp", path);
    }

    static (string Verdict, int Loaded) Of(string line)
    {
        var document = JsonDocument.Parse(line).RootElement;
        return (document.GetProperty("verdict").GetString()!, document.GetProperty("datasets")[0].GetProperty("loaded").GetInt32());
    }

    [Fact]
    public async Task Has_a_run_for_what_comes()
    {
        foreach (string folder in (string[])["users", "cards"])
            Directory.CreateDirectory(Path.Combine(inbox, folder));
        Write(1);
        await using var following = QualityProcess.Start(QualityProcess.NewFolder(), new Dictionary<string, string>(Servers) { ["QUALITY_CARDS_INBOX"] = inbox }, "sync", "cards", "--follow", "--json");
        Assert.Equal(("reconciled", 1), Of((await following.LinesAsync(1))[0]));
        Write(2);
        Write(3);
        // Both in one run, or in two: whenever the system tells of them.
        string[] lines = await following.LinesAsync(2);
        int loaded = lines.Sum(l => Of(l).Loaded);
        while (loaded < 3)
            loaded = (lines = await following.LinesAsync(lines.Length + 1)).Sum(l => Of(l).Loaded);
        Assert.Equal(3, loaded);
        following.Signal(QualityProcess.Terminate);
        var ended = await following.EndAsync();
        Assert.Equal(130, ended.ExitCode);
        var last = JsonDocument.Parse(ended.Output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.True(last.GetProperty("interrupted").GetBoolean());
    }
}
