using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bogus;
using Bogus.DataSets;

namespace Chaos.Generation;

/// <summary>
/// Users who are created, changed, deleted and created again, day after day, and the messages that tell of it: most once and in order, some twice, some a day or two late,
/// some of them no messages at all. A day's events follow from the seed and the days before it.
/// </summary>
public sealed class CrmWorld(CrmOptions options)
{
    const int RepeatedOneIn = 30, LateOneIn = 50, PoisonOneIn = 120, FaultyOneIn = 150, LatestByDays = 2, NamesInAPool = 300, Remembered = 200;

    static readonly string[] Types = ["admin", "member", "guest"], Plans = ["Free", "Team", "Business", "Enterprise"];
    static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly List<CrmUser> living = [], deleted = [];
    readonly List<CrmMessage> sent = [];
    readonly List<(DateOnly On, CrmMessage Message)> held = [];
    readonly string[] names = Pool(options.Seed);
    int users, poisons;

    public CrmOrganizations Organizations { get; } = new(options.Seed, options.FirstDay);

    public DateOnly NextDay { get; private set; } = options.FirstDay;

    static string[] Pool(int seed)
    {
        var internet = new Internet("en") { Random = new Randomizer(seed) };
        return [.. Enumerable.Range(0, NamesInAPool).Select(_ => internet.UserName())];
    }

    /// <summary>Goes on by a day.</summary>
    /// <returns>What is sent on it, in this order.</returns>
    public IReadOnlyList<CrmMessage> Advance()
    {
        var day = NextDay;
        NextDay = day.AddDays(1);
        var random = Chance.Seeded(Chance.Mix((ulong)options.Seed, (ulong)day.DayNumber));
        var messages = new List<CrmMessage>();
        long step = TimeSpan.MicrosecondsPerDay / options.EventsPerDay;
        for (int i = 0; i < options.EventsPerDay; i++)
        {
            // Apart from each other, so that no two states of a user have the same time.
            var message = Happen(random, day.ToDateTime(TimeOnly.MinValue).AddMicroseconds(i * step + random.NextInt64(step)));
            if (random.OneIn(LateOneIn))
                held.Add((day.AddDays(1 + random.Next(LatestByDays)), message));
            else
                Send(message, messages);
            if (sent.Count > 0 && random.OneIn(RepeatedOneIn))
                messages.Add(random.Pick(sent) with { Kind = CrmKind.Repeated });
            if (random.OneIn(PoisonOneIn))
                messages.Add(new CrmMessage(Poison(random, ++poisons), CrmKind.Poison, day, 0));
            if (random.OneIn(FaultyOneIn))
                messages.Add(Faulty(random, day));
            foreach (var (_, late) in held.Where(h => h.On == day).Take(random.Next(2)).ToList())
                Release(late, messages);
        }
        foreach (var (_, late) in held.Where(h => h.On <= day).ToList())
            Release(late, messages);
        return messages;
    }

    /// <summary>What was held back for days that do not come any more.</summary>
    public IReadOnlyList<CrmMessage> Finish()
    {
        var messages = new List<CrmMessage>();
        foreach (var (_, late) in held.ToList())
            Release(late, messages);
        return messages;
    }

    void Release(CrmMessage late, List<CrmMessage> messages)
    {
        held.RemoveAll(h => h.Message.Body == late.Body);
        Send(late, messages);
    }

    void Send(CrmMessage message, List<CrmMessage> messages)
    {
        messages.Add(message);
        sent.Add(message);
        if (sent.Count > Remembered)
            sent.RemoveAt(0);
    }

    CrmMessage Happen(Random random, DateTime at)
    {
        var kind = random.Pick<CrmKind>([(35, CrmKind.Created), (45, CrmKind.Updated), (12, CrmKind.Deleted), (8, CrmKind.Recreated)]);
        if (kind == CrmKind.Recreated && deleted.Count == 0 || kind != CrmKind.Recreated && living.Count == 0)
            kind = CrmKind.Created;
        var user = kind switch
        {
            CrmKind.Created => New(random),
            CrmKind.Recreated => Take(random, deleted) with { IsDeleted = false, Plan = random.Pick(Plans) },
            CrmKind.Deleted => Take(random, living) with { IsDeleted = true },
            _ => Changed(random, Take(random, living)),
        };
        (user.IsDeleted ? deleted : living).Add(user);
        string type = kind switch { CrmKind.Updated => "User Updated", CrmKind.Deleted => "User Deleted", _ => "User Created" };
        return new CrmMessage(Body(user.Id, type, user, at.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)), kind, DateOnly.FromDateTime(at), user.Id);
    }

    CrmUser New(Random random)
    {
        string name = $"{random.Pick(names)}{++users}";
        return new CrmUser(users, name, $"{name.ToLowerInvariant()}@example.com", random.Pick(Types), random.Pick(Organizations.Names), random.Pick(Plans), false);
    }

    CrmUser Changed(Random random, CrmUser user) => random.Next(4) switch
    {
        0 => user with { Plan = random.Pick(Plans) },
        1 => user with { Organization = random.Pick(Organizations.Names) },
        2 => user with { Type = random.Pick(Types) },
        _ => user with { Email = $"{user.Username.ToLowerInvariant()}+{random.Next(1_000)}@example.com" },
    };

    static CrmUser Take(Random random, List<CrmUser> from)
    {
        int at = random.Next(from.Count);
        var user = from[at];
        from[at] = from[^1];
        from.RemoveAt(from.Count - 1);
        return user;
    }

    static byte[] Body(int? id, string type, CrmUser user, string at)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            if (id is { } number)
                json.WriteNumber("id", number);
            json.WriteString("event_type", type);
            json.WriteString("username", user.Username);
            json.WriteString("user_email", user.Email);
            json.WriteString("user_type", user.Type);
            json.WriteString("organization_name", user.Organization);
            json.WriteString("plan_name", user.Plan);
            json.WriteString("received_at", at);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    CrmMessage Faulty(Random random, DateOnly day)
    {
        var user = New(random) with { Username = $"faulty{++poisons}" };
        users--; // nobody ever hears of it
        string at = $"{day:yyyy-MM-dd} 12:00:00.000000";
        return new CrmMessage(random.Next(3) switch
        {
            0 => Body(null, "User Created", user, at),
            1 => Body(user.Id, "User Exploded", user, at),
            _ => Body(user.Id, "User Updated", user, $"{day:yyyy-MM}-45 12:00:00.000000"),
        }, CrmKind.Faulty, day, 0);
    }

    /// <param name="number">In the body, so that no two are the same.</param>
    static byte[] Poison(Random random, int number) => random.Next(6) switch
    {
        0 => Encoding.UTF8.GetBytes($"poison {number}"),
        1 => Encoding.UTF8.GetBytes($$"""{"id": {{number}}, "event_type": "User Cre"""),
        2 => Encoding.UTF8.GetBytes($"[{number}, 1]"),
        3 => [.. "{\"username\": \""u8, 0xC3, 0x28, .. Encoding.UTF8.GetBytes($"\", \"id\": {number}}}")],
        4 => Encoding.UTF8.GetBytes($"<event id=\"{number}\"/>"),
        _ => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)),
    };
}
