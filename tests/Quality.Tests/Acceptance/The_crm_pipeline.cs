using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>
/// Messages and a CSV file in, tables out, by the built executable. The messages are looked at in their queue before Quality takes them out, and a Python script
/// that knows nothing of it computes from them what the tables must hold.
/// </summary>
[Trait("Category", "Foreign")]
public sealed class The_crm_pipeline
{
    const string Database = "acceptance_crm";

    static readonly string[] Tables = ["raw.user_events", "crm.users_dim", "crm.organizations_dim", "reports.user_events_daily"];

    /// <summary>An empty queue of a run's own.</summary>
    static async Task<PipelineRun> CreateAsync(string name)
    {
        RabbitMq.Required();
        var run = await PipelineRun.CreateAsync("crm", name);
        run.Environment["QUALITY_CRM_QUEUE"] = $"{await RabbitMq.UriAsync()}?queue={name}";
        run.Environment["QUALITY_CRM_ORGANIZATIONS"] = Path.Combine(run.Folder, "organizations.csv");
        await using var connection = await RabbitMq.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(name);
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false);
        return run;
    }

    /// <summary>The bodies in a queue; it keeps them, since none is acknowledged.</summary>
    static async Task<List<byte[]>> LookAsync(string queue)
    {
        await using var connection = await RabbitMq.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var bodies = new List<byte[]>();
        while (await channel.BasicGetAsync(queue, autoAck: false) is { } message)
            bodies.Add(message.Body.ToArray());
        return bodies;
    }

    static async Task PublishAsync(string queue, IEnumerable<byte[]> bodies)
    {
        await using var connection = await RabbitMq.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await Task.WhenAll(bodies.Select(body => channel.BasicPublishAsync("", queue, mandatory: true, body).AsTask()));
    }

    static async Task<uint> WaitingAsync(string queue)
    {
        await using var connection = await RabbitMq.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    static async Task<ScriptedTables> ExpectedAsync(PipelineRun run, IEnumerable<byte[]> bodies)
    {
        string file = Path.Combine(run.Folder, "messages");
        await File.WriteAllLinesAsync(file, bodies.Select(Convert.ToBase64String));
        return await ScriptedTables.ComputeAsync("crm_tables.py", file, run.Environment["QUALITY_CRM_ORGANIZATIONS"]);
    }

    /// <summary>What holds whatever came: one valid version of each user, the last; each lasts until the next; each is an event.</summary>
    static async Task AssertHistoryAsync(WarehouseTables warehouse)
    {
        string[] violations =
        [
            "SELECT id FROM crm.users_dim GROUP BY id HAVING count(*) FILTER (WHERE is_valid) <> 1 OR count(*) FILTER (WHERE valid_to IS NULL) <> 1",
            "SELECT id FROM crm.users_dim WHERE is_valid <> (valid_to IS NULL)",
            "SELECT id FROM (SELECT *, lead(valid_from) OVER (PARTITION BY id ORDER BY valid_from, event_sk) AS following FROM crm.users_dim) d WHERE valid_to IS DISTINCT FROM following",
            "SELECT a.id FROM crm.users_dim a JOIN crm.users_dim b ON a.id = b.id AND a.event_sk <> b.event_sk AND tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)",
            "SELECT coalesce(d.id, e.id) FROM crm.users_dim d FULL JOIN raw.user_events e ON d.event_sk = e.event_sk AND d.id = e.id AND d.valid_from = e.received_at AND d.is_deleted = (e.event_type = 'User Deleted') WHERE d.id IS NULL OR e.id IS NULL",
        ];
        foreach (string violation in violations)
            Assert.True(await warehouse.CountAsync($"SELECT count(*) FROM ({violation}) v") == 0, violation);
    }

    [Fact]
    public async Task Gives_what_a_script_computes_from_the_messages_and_finds_and_mends_what_SQL_changed()
    {
        await using var run = await CreateAsync(Database);
        await run.GenerateAsync("--days", "2");
        var bodies = await LookAsync(Database);
        var expected = await ExpectedAsync(run, bodies);

        var books = PipelineRun.Dataset(await run.SyncAsync(), "user_events");
        Assert.Equal(0u, await WaitingAsync(Database));
        Assert.Equal((bodies.Count, expected.Count("different")), (PipelineRun.Count(books, "read"), PipelineRun.Count(books, "loaded")));
        Assert.Equal(expected.Count("poison") + expected.Count("faulty"), PipelineRun.Count(books, "quarantined"));
        Assert.Equal(expected.Count("events") - expected.Count("different"), PipelineRun.Count(books, "duplicate"));
        Assert.True(expected.Count("poison") > 0 && expected.Count("faulty") > 0 && expected.Count("events") > expected.Count("different"));
        Assert.Equal(Tables.Order(), expected.Tables.Keys.Concat(expected.Marts.Keys).Order());
        await expected.AssertHeldByAsync(run.Warehouse);
        await AssertHistoryAsync(run.Warehouse);
        var judged = await run.ReconcileAsync("reconciled");
        Assert.Contains("kept", judged.GetProperty("source").GetString());

        await run.AssertChangesNothingAsync(Tables); // of an empty queue
        await PublishAsync(Database, Enumerable.Reverse(bodies)); // all delivered once more
        var again = PipelineRun.Dataset(await run.AssertChangesNothingAsync(Tables), "user_events");
        Assert.Equal((bodies.Count, bodies.Count), (PipelineRun.Count(again, "read"), PipelineRun.Count(again, "duplicate")));
        await run.ReconcileAsync("reconciled");

        await run.AssertFindsAndMendsAsync(expected, "crm.users_dim");
        await AssertHistoryAsync(run.Warehouse);
    }

    static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    static string? DayOf(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject message && (string?)message["received_at"] is { } at ? at[..10] : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    static byte[] Rewritten(byte[] body) => Encoding.UTF8.GetBytes(
        new JsonObject(JsonNode.Parse(body)!.AsObject().Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString(Indented));

    static byte[] Event(int id, string type, string at, string plan) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["id"] = id,
        ["event_type"] = $"User {type}",
        ["username"] = $"u{id}",
        ["user_email"] = null,
        ["user_type"] = "admin",
        ["organization_name"] = null,
        ["plan_name"] = plan,
        ["received_at"] = at,
    }.ToJsonString());

    [Fact]
    public async Task Gives_the_same_tables_whatever_the_order_of_messages_and_days()
    {
        const string ascending = $"{Database}_ascending", descending = $"{Database}_descending", mixed = $"{Database}_mixed";
        await using var first = await CreateAsync(ascending);
        await first.GenerateAsync("--days", "7");
        // Of some users only, and with one who is deleted, created again, and deleted, at the edges of days.
        List<byte[]> bodies = [.. (await LookAsync(ascending)).Where((_, i) => i % 4 == 0),
            Event(1_000_001, "Created", "2020-12-05 00:00:00.000000", "Free"), Event(1_000_001, "Deleted", "2020-12-06 23:59:59.999999", "Free"), Event(1_000_001, "Created", "2020-12-07 00:00:00.000000", "Team"),
            Event(1_000_001, "Updated", "2020-12-09 12:00:00.000000", "Free"), Event(1_000_001, "Deleted", "2020-12-11 23:59:59.999999", "Free"), Event(1_000_002, "Deleted", "2020-12-08 00:00:00.000000", "Free")];
        await using (var connection = await RabbitMq.ConnectAsync())
        await using (var channel = await connection.CreateChannelAsync())
            await channel.QueuePurgeAsync(ascending);
        // Imported from elsewhere, the same event is written otherwise: it is the same event.
        bodies.AddRange([.. bodies.Where(b => DayOf(b) is not null).Take(20).Select(Rewritten)]);
        var expected = await ExpectedAsync(first, bodies);
        string[] days = [.. Enumerable.Range(5, 7).Select(d => $"2020-12-{d:00}")];
        Assert.All(days, d => Assert.Contains(bodies, b => DayOf(b) == d));
        byte[][] Of(string day) => [.. bodies.Where(b => (DayOf(b) is { } on && days.Contains(on) ? on : days[3]) == day)];

        // Day by day, what belongs to a day is sent and built on it.
        foreach (string day in days)
        {
            await PublishAsync(ascending, Of(day));
            await first.SyncAsync("--from", day, "--to", day);
        }
        // Backwards, so that every event but the last day's is late; each day is built twice.
        await using var second = await CreateAsync(descending);
        File.Copy(first.Environment["QUALITY_CRM_ORGANIZATIONS"], second.Environment["QUALITY_CRM_ORGANIZATIONS"]);
        foreach (string day in Enumerable.Reverse(days))
        {
            await PublishAsync(descending, Enumerable.Reverse(Of(day)));
            await second.SyncAsync("--from", day, "--to", day);
        }
        await second.SyncAsync("--from", days[2], "--to", days[4]);
        // All mixed, half of it twice, drained while another day is asked for, then by a plain sync.
        await using var third = await CreateAsync(mixed);
        File.Copy(first.Environment["QUALITY_CRM_ORGANIZATIONS"], third.Environment["QUALITY_CRM_ORGANIZATIONS"]);
        var random = new Random(4);
        byte[][] shuffled = [.. bodies];
        random.Shuffle(shuffled);
        await PublishAsync(mixed, shuffled[..(shuffled.Length / 2)]);
        await third.SyncAsync("--from", days[5], "--to", days[5]);
        await PublishAsync(mixed, shuffled[(shuffled.Length / 4)..]);
        await third.SyncAsync();
        foreach (int day in (int[])[6, 0, 3, 3])
            await third.SyncAsync("--from", days[day], "--to", days[day]);

        foreach (var run in (PipelineRun[])[first, second, third])
        {
            await expected.AssertHeldByAsync(run.Warehouse);
            await AssertHistoryAsync(run.Warehouse);
            await run.ReconcileAsync("reconciled");
            foreach (string table in Tables) // with the surrogate keys
                Assert.Equal(await first.Warehouse.ContentsAsync(table), await run.Warehouse.ContentsAsync(table));
        }
        Assert.Equal([["true", "true"], ["true", "true"]], await first.Warehouse.ListAsync("SELECT is_deleted::text, is_valid::text FROM crm.users_dim WHERE id > 1000000 AND is_valid"));
        Assert.Equal(5, await first.Warehouse.CountAsync("SELECT count(*) FROM crm.users_dim WHERE id = 1000001"));
    }
}
