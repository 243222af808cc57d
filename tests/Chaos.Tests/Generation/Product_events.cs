using System.Text.Json;
using Chaos.Generation;
using Etl;
using Tests.Shared;

namespace Chaos.Tests.Generation;

public sealed class Product_events
{
    static readonly ProductEventOptions Options = new() { Days = 30, EventsPerDay = 200, Seed = 7 };

    static async Task<List<JsonElement>> EventsAsync(ProductEventGenerator generator)
    {
        var events = new List<JsonElement>();
        for (var day = generator.Options.Start; day <= generator.Options.Last; day = day.AddDays(1))
            if (generator.HasEvents(day))
                events.AddRange(JsonDocument.Parse(await TextAsync(generator, day)).RootElement.EnumerateArray());
        return events;
    }

    static async Task<byte[]> TextAsync(ProductEventGenerator generator, DateOnly day)
    {
        using var text = new MemoryStream();
        await generator.WriteDayAsync(day, text, CancellationToken.None);
        return text.ToArray();
    }

    [Fact]
    public async Task Follow_from_the_seed_and_the_day_alone()
    {
        var day = new DateOnly(2024, 1, 1);
        byte[] text = await TextAsync(new ProductEventGenerator(Options), day);
        Assert.Equal(text, await TextAsync(new ProductEventGenerator(Options with { Days = 3 }), day));
        Assert.NotEqual(text, await TextAsync(new ProductEventGenerator(Options with { Seed = 8 }), day));
    }

    static readonly string[] Required = ["date", "event_type", "device_id", "server_upload_time", "server_received_time", "user_id", "processed_time", "client_event_time", "client_upload_time", "amp_id", "data_type", "event_time"];

    [Fact]
    public async Task Have_all_that_is_required_and_lack_all_that_is_not()
    {
        var events = await EventsAsync(new ProductEventGenerator(Options));
        Assert.All(events, e => Assert.All(Required, name => Assert.NotEqual(JsonValueKind.Null, e.GetProperty(name).ValueKind)));
        Assert.All(events, e => Assert.InRange(e.GetProperty("device_id").GetString()!.Length, 1, 36));
        Assert.All(events, e => Assert.Equal(JsonValueKind.String, e.GetProperty("data").GetProperty("path").ValueKind));
        foreach (string name in (string[])["country", "city", "region", "language"])
        {
            Assert.Contains(events, e => !e.TryGetProperty(name, out _));
            Assert.Contains(events, e => e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null);
        }
        foreach (string name in (string[])["group_first_event", "group_ids"])
            Assert.Equal(3, events.Select(e => e.GetProperty("data").TryGetProperty(name, out var value) ? value.ValueKind.ToString() : "missing").Distinct().Count());
        Assert.All((string[])["null", " NULL "], word => Assert.Contains(events, e => e.TryGetProperty("country", out var value) && value.GetString() == word));
        Assert.Contains(events, e => e.GetProperty("user_properties").TryGetProperty("user_corporate_status", out var value) && value.GetString() == "ACTIVE");
    }

    [Fact]
    public async Task Are_told_again_on_the_same_day_and_on_the_next_with_another_content()
    {
        var generator = new ProductEventGenerator(Options);
        var twice = (await EventsAsync(generator)).GroupBy(e => (e.GetProperty("device_id").GetString(), e.GetProperty("event_time").GetInt64())).Where(g => g.Count() > 1).ToList();
        Assert.Contains(twice, g => g.Any(e => e.GetProperty("data").GetProperty("path").GetString()!.EndsWith("#again")));
        Assert.Contains(twice, g => g.Any(e => e.GetProperty("user_properties").TryGetProperty("user_role", out var role) && role.GetString() == "moved"));
        Assert.All(twice, g => Assert.True(g.Select(e => e.GetRawText()).Distinct().Count() > 1));
    }

    [Fact]
    public async Task Lie_in_a_file_for_each_day_which_says_so_where_there_are_none()
    {
        string folder = Path.Combine(Scratch.Folder("events"), "days");
        var summary = await new ProductEventGenerator(Options).WriteFilesAsync(folder);
        Assert.Equal(30, Directory.GetFiles(folder).Length);
        Assert.True(summary.EmptyDays > 0);
        Assert.Equal(30, summary.Days + summary.EmptyDays);
        Assert.Equal(summary.EmptyDays, Directory.GetFiles(folder).Count(f => File.ReadAllText(f) == """{"detail": "No event found for date"}"""));
        Assert.Equal(summary.Events, Directory.GetFiles(folder).Select(f => JsonDocument.Parse(File.ReadAllText(f)).RootElement).Where(e => e.ValueKind == JsonValueKind.Array).Sum(e => e.GetArrayLength()));
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    [Fact]
    public void Refuse_settings_that_cannot_be_meant()
    {
        string message = Assert.Throws<UsageException>(() => ProductEventOptions.FromEnvironment(name => name == ProductEventOptions.EventsVariable ? "many" : "1.1.2024")).Message;
        Assert.Equal(2, message.Split('\n').Length);
        Assert.Contains("Days is '0'", Assert.Throws<UsageException>(() => new ProductEventGenerator(Options with { Days = 0 })).Message);
    }
}
