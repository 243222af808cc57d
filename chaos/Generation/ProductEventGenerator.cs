using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Etl;

namespace Chaos.Generation;

/// <summary>
/// Makes the events of any day from the seed and the day alone. Some days have none; some events are told twice, on their day or on the
/// next, with another content under the same key.
/// </summary>
public sealed class ProductEventGenerator
{
    const int Users = 400, Corporations = 40, EmptyDayOneIn = 9, AgainOneIn = 60, LateOneIn = 90, FlushAt = 64 * 1024;
    static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly string[] Types = ["page_view", "click", "search", "report_opened", "export", "login"], Roles = ["admin", "editor", "viewer", "Owner"],
        Statuses = ["active", "Active", "ACTIVE", "inactive", "Suspended"], Languages = ["English", "German", "Français", "日本語"],
        Paths = ["/", "/dashboard", "/reports/42?tab=week", "/search?q=\"quoted\"", "/settings/users", "/übersicht"];
    static readonly (string Country, string Region, string City)[] Places =
        [("United Kingdom", "England", "London"), ("Germany", "Bayern", "München"), ("United States", "Texas", "Austin"), ("Japan", "Tokyo", "Tokyo"), ("Côte d'Ivoire", "Lagunes", "Abidjan")];

    readonly ProductEventOptions options;
    readonly ProductUser[] users;

    public ProductEventGenerator(ProductEventOptions options)
    {
        this.options = options.Checked();
        var chance = Chance.Seeded(Chance.Mix((ulong)options.Seed, 0));
        users = [.. Enumerable.Range(0, Users).Select(i => MakeUser(i, chance))];
    }

    public ProductEventOptions Options => options;

    static ProductUser MakeUser(int i, Random chance)
    {
        var (country, region, city) = chance.Pick(Places);
        int? corporation = chance.OneIn(8) ? null : 1 + chance.Next(Corporations);
        return new ProductUser(10_000 + i, chance.Next(1, int.MaxValue), [.. Enumerable.Range(0, 1 + chance.Next(3)).Select(_ => Device(chance))], country, city, region,
            chance.Pick(Languages), corporation, corporation is { } c ? Statuses[c % Statuses.Length] : null, chance.Pick(Roles),
            $"20{chance.Next(15, 24)}-{chance.Next(1, 13):00}-{chance.Next(1, 29):00}", chance.OneIn(5) ? "Inactive" : "active");
    }

    /// <summary>36 characters at most; some clients make shorter ones.</summary>
    static string Device(Random chance)
    {
        Span<byte> bytes = stackalloc byte[16];
        chance.NextBytes(bytes);
        return chance.OneIn(4) ? Convert.ToHexStringLower(bytes)[..22] + "R" : new Guid(bytes).ToString();
    }

    /// <summary>Whether the API has events for a day.</summary>
    public bool HasEvents(DateOnly day) => day >= options.Start && day <= options.Last && (day == options.Start || Chance.Mix((ulong)options.Seed, (ulong)day.DayNumber) % EmptyDayOneIn != 0);

    /// <summary>Writes the list that the API answers with.</summary>
    /// <returns>Events in it, and how many of them were told before.</returns>
    public async Task<(int Events, int ToldAgain)> WriteDayAsync(DateOnly day, Stream output, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt * 2);
        await using var json = new Utf8JsonWriter(buffer, JsonOptions);
        json.WriteStartArray();
        var (events, again) = (0, 0);
        foreach (var one in EventsOf(day))
        {
            one.Write(json);
            (events, again) = (events + 1, again + Math.Min(one.Told, 1));
            if (buffer.WrittenCount + json.BytesPending < FlushAt)
                continue;
            await json.FlushAsync(cancellation);
            await output.WriteAsync(buffer.WrittenMemory, cancellation);
            buffer.ResetWrittenCount();
        }
        json.WriteEndArray();
        await json.FlushAsync(cancellation);
        await output.WriteAsync(buffer.WrittenMemory, cancellation);
        return (events, again);
    }

    IEnumerable<ProductEvent> EventsOf(DateOnly day)
    {
        // Of the day before, what came late: told again, and changed.
        if (HasEvents(day.AddDays(-1)))
            foreach (var late in FirstTold(day.AddDays(-1)).Where(e => Chance.Mix(e.Id, 201) % LateOneIn == 0))
                yield return late with { Told = 2, Role = "moved" };
        foreach (var one in FirstTold(day))
        {
            yield return one;
            if (Chance.Mix(one.Id, 202) % AgainOneIn == 0)
                yield return one with { Told = 1, Path = one.Path + "#again" };
        }
    }

    IEnumerable<ProductEvent> FirstTold(DateOnly day)
    {
        var chance = Chance.Seeded(Chance.Mix((ulong)options.Seed, Chance.Mix((ulong)day.DayNumber, 1)));
        long start = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
        int count = Math.Max(1, options.EventsPerDay * chance.Next(80, 121) / 100);
        for (int i = 0; i < count; i++)
        {
            var user = chance.Pick(users);
            yield return new ProductEvent((ulong)chance.NextInt64(), user, chance.Pick(user.Devices), chance.Pick(Types), chance.Pick(Paths), start + chance.Next(86_400_000), user.Role, 0);
        }
    }

    /// <summary>Writes a file for each day, which a <c>file:</c> URL can name. A day without events has one that says so.</summary>
    /// <exception cref="UnavailableException">The folder cannot be written.</exception>
    public async Task<ProductEventSummary> WriteFilesAsync(string folder, CancellationToken cancellation = default)
    {
        var summary = new ProductEventSummary(0, 0, 0, 0, options.Start, options.Last, Path.GetFullPath(folder));
        try
        {
            Directory.CreateDirectory(folder);
            for (var day = options.Start; day <= options.Last; day = day.AddDays(1))
            {
                // Under another name until it is whole: who reads the folder meanwhile finds no half day.
                string file = Path.Combine(folder, $"{day:yyyy-MM-dd}.json"), half = file + ".new";
                await using (var stream = File.Create(half))
                    summary = HasEvents(day) ? summary.With(await WriteDayAsync(day, stream, cancellation)) : await WriteNoneAsync(stream, summary, cancellation);
                File.Move(half, file, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The day files cannot be written to '{folder}': {e.Message} Name another folder with --out.", e);
        }
        return summary;
    }

    static async Task<ProductEventSummary> WriteNoneAsync(Stream stream, ProductEventSummary summary, CancellationToken cancellation)
    {
        await stream.WriteAsync(NoEvents, cancellation);
        return summary with { EmptyDays = summary.EmptyDays + 1 };
    }

    /// <summary>What the API says of a day without events, with another status than 200.</summary>
    internal static readonly byte[] NoEvents = """{"detail": "No event found for date"}"""u8.ToArray();
}
