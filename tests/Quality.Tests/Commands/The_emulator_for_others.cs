using Etl.Documents;
using Etl.Sources.Mongo;

namespace Quality.Tests.Commands;

public sealed class The_emulator_for_others
{
    const string Password = "canary-9f3c/@";
    static readonly Dictionary<string, string> Environment = new() { ["QUALITY_MONGO_PASSWORD"] = Password };

    static async Task Count(string uri)
    {
        using var connection = MongoConnection.Open(uri);
        await connection.CommandAsync("test", Bson.Make(w => w.Write("count", "c")));
    }

    [Fact]
    public async Task Asks_for_the_login_it_was_given_and_never_shows_it()
    {
        await using var process = QualityProcess.Start(QualityProcess.NewFolder(), Environment, "mongo", "--port", "0", "--user", "reader", "--json");
        string uri = (await process.SaysAsync("mongodb://")).Split(' ').Single(w => w.StartsWith("mongodb://", StringComparison.Ordinal));
        string hosts = uri["mongodb://".Length..];
        await Count($"mongodb://reader:{Uri.EscapeDataString(Password)}@{hosts}");
        Assert.Equal(13u, (await Assert.ThrowsAsync<MongoException>(() => Count(uri))).Code);
        await Assert.ThrowsAsync<MongoException>(() => Count($"mongodb://reader:wrong@{hosts}"));
        process.Signal(QualityProcess.Terminate);
        var outcome = await process.EndAsync();
        Assert.DoesNotContain("canary", outcome.Output + outcome.Errors);
    }

    [Fact]
    public async Task Needs_a_password_for_its_user()
    {
        var outcome = await QualityProcess.RunAsync("mongo", "--port", "0", "--user", "reader");
        Assert.Contains("QUALITY_MONGO_PASSWORD", outcome.Refused(64));
        outcome = await QualityProcess.RunAsync(QualityProcess.NewFolder(), new Dictionary<string, string> { ["QUALITY_MONGO_PASSWORD"] = "pässword" }, "mongo", "--port", "0", "--user", "reader");
        Assert.DoesNotContain("ssword", outcome.Refused(64).Replace("password", ""));
    }
}
