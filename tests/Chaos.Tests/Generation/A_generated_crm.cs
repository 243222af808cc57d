using System.Text;
using System.Text.Json;
using Chaos.Generation;
using Etl;
using Tests.Shared;

namespace Chaos.Tests.Generation;

public sealed class A_generated_crm
{
    static readonly CrmOptions Options = new() { EventsPerDay = 400, Seed = 5 };

    sealed class Kept : IMessageSink
    {
        public List<byte[]> Bodies { get; } = [];

        public Task PublishAsync(IReadOnlyList<byte[]> bodies, CancellationToken cancellation = default)
        {
            Bodies.AddRange(bodies);
            return Task.CompletedTask;
        }
    }

    static string Organizations() => Path.Combine(Scratch.Folder("crm"), "new", "organizations.csv");

    static async Task<(CrmSummary Summary, List<byte[]> Bodies, string Csv)> MadeAsync(CrmOptions options)
    {
        var sink = new Kept();
        string path = Organizations();
        var summary = await new CrmGenerator(sink, options).GenerateDaysAsync(path);
        return (summary, sink.Bodies, await File.ReadAllTextAsync(path));
    }

    static List<CrmMessage> Messages(CrmOptions options)
    {
        var world = new CrmWorld(options);
        return [.. Enumerable.Range(0, options.Days).SelectMany(_ => world.Advance()), .. world.Finish()];
    }

    static JsonElement Json(CrmMessage message) => JsonDocument.Parse(message.Body).RootElement;

    static IEnumerable<CrmMessage> Events(IEnumerable<CrmMessage> messages) => messages.Where(m => m.Kind <= CrmKind.Recreated);

    [Fact]
    public async Task Is_the_same_byte_for_byte_for_the_same_seed_and_another_for_another()
    {
        var first = await MadeAsync(Options);
        var again = await MadeAsync(Options);
        var other = await MadeAsync(Options with { Seed = 6 });
        Assert.Equal(first.Bodies.Select(Convert.ToHexString), again.Bodies.Select(Convert.ToHexString));
        Assert.Equal(first.Csv, again.Csv);
        Assert.Equal(first.Summary, again.Summary);
        Assert.NotEqual(first.Bodies.Select(Convert.ToHexString), other.Bodies.Select(Convert.ToHexString));
        Assert.NotEqual(first.Csv, other.Csv);
    }

    [Fact]
    public async Task Counts_what_it_sends()
    {
        var (summary, bodies, csv) = await MadeAsync(Options);
        Assert.Equal(bodies.Count, summary.Published);
        Assert.Equal(summary.Published, summary.Events + summary.Repeated + summary.Poison + summary.Faulty);
        Assert.Equal(summary.Events, summary.Created + summary.Updated + summary.Deleted + summary.Recreated);
        Assert.Equal(Options.EventsPerDay * Options.Days, summary.Events);
        Assert.All((long[])[summary.Created, summary.Updated, summary.Deleted, summary.Recreated, summary.Repeated, summary.Late, summary.Poison, summary.Faulty], n => Assert.True(n > 0, summary.ToString()));
        Assert.Equal((new DateOnly(2020, 12, 5), new DateOnly(2020, 12, 11)), (summary.FirstDay, summary.LastDay));
        Assert.Equal(CrmOrganizations.Count, summary.Organizations);
        Assert.StartsWith("organization_key,organization_name,created_at\r\n1,\"Smith, Jones & Co\",", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_events_that_differ_in_their_bytes_and_repetitions_that_do_not()
    {
        var messages = Messages(Options);
        var events = Events(messages).Select(m => Convert.ToHexString(m.Body)).ToList();
        Assert.Equal(events.Count, events.Distinct().Count());
        Assert.All(messages.Where(m => m.Kind == CrmKind.Repeated), m => Assert.Contains(Convert.ToHexString(m.Body), events));
    }

    [Fact]
    public void Tells_each_users_life_in_an_order_that_can_be()
    {
        foreach (var life in Events(Messages(Options)).GroupBy(m => m.UserId))
        {
            var told = life.Select(m => (At: Json(m).GetProperty("received_at").GetString()!, m.Kind)).OrderBy(e => e.At, StringComparer.Ordinal).ToList();
            Assert.Equal(told.Count, told.Select(e => e.At).Distinct().Count());
            Assert.Equal(CrmKind.Created, told[0].Kind);
            foreach (var (before, after) in told.Zip(told.Skip(1)))
                Assert.True(before.Kind == CrmKind.Deleted == (after.Kind == CrmKind.Recreated), $"user {life.Key}: {after.Kind} after {before.Kind}");
        }
    }

    [Fact]
    public void Has_the_fields_that_the_pipeline_describes()
    {
        foreach (var message in Events(Messages(Options)))
        {
            var json = Json(message);
            Assert.Equal(["id", "event_type", "username", "user_email", "user_type", "organization_name", "plan_name", "received_at"], json.EnumerateObject().Select(p => p.Name));
            Assert.Equal(message.UserId, json.GetProperty("id").GetInt32());
            Assert.Equal(message.Kind switch { CrmKind.Updated => "User Updated", CrmKind.Deleted => "User Deleted", _ => "User Created" }, json.GetProperty("event_type").GetString());
            Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$", json.GetProperty("received_at").GetString());
            Assert.StartsWith($"{message.Day:yyyy-MM-dd} ", json.GetProperty("received_at").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Has_poison_that_is_no_JSON_object_and_faulty_events_that_are()
    {
        var messages = Messages(Options);
        Assert.All(messages.Where(m => m.Kind == CrmKind.Poison), m => Assert.False(IsObject(m.Body), Encoding.UTF8.GetString(m.Body)));
        Assert.All(messages.Where(m => m.Kind == CrmKind.Faulty), m => Assert.True(IsObject(m.Body)));
        var odd = messages.Where(m => m.Kind > CrmKind.Repeated).Select(m => Convert.ToHexString(m.Body)).ToList();
        Assert.Equal(odd.Count, odd.Distinct().Count());

        static bool IsObject(byte[] body)
        {
            try
            {
                // Invalid UTF-8 inside of a text is found when the text is asked for.
                return JsonDocument.Parse(body).RootElement is { ValueKind: JsonValueKind.Object } json && json.EnumerateObject().All(p => p.Value.ToString() is not null);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void Refuses_options_that_cannot_be_meant()
    {
        var refusal = Assert.Throws<UsageException>(() => (Options with { Days = 0, EventsPerDay = -1 }).Checked());
        Assert.Equal(2, refusal.Message.Split('\n').Length);
    }
}
