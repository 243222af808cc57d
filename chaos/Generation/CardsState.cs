using System.Globalization;
using System.Text.Json;

namespace Chaos.Generation;

/// <summary>What an inbox tells so far: users come and cards change where it ends.</summary>
sealed class CardsState
{
    public const string Users = "users", Cards = "cards", Counter = "__id_counter";

    /// <summary>The next user's id.</summary>
    public long NextUser { get; set; }

    /// <summary>The next card's id.</summary>
    public long NextCard { get; set; }

    public List<(long Id, string Name)> Owners { get; } = [];

    /// <summary>Each card as it stands, in the order of ids.</summary>
    public List<CardEvent> Latest { get; } = [];

    /// <summary>The day of the last event; null: there is none.</summary>
    public DateOnly? LastDay { get; set; }

    /// <summary>Reads every event; files that are half-written tell nothing.</summary>
    public static async Task<CardsState> LoadAsync(string inbox, CancellationToken cancellation)
    {
        var state = new CardsState();
        var users = new SortedDictionary<long, string>();
        var cards = new SortedDictionary<long, CardEvent>();
        await foreach (var json in EventsAsync(Path.Combine(inbox, Users), cancellation))
            using (json)
            {
                state.Saw(At(json, "metadata", "event_at"));
                users[Payload(json, "id").GetInt64()] = Payload(json, "name").GetString()!;
            }
        await foreach (var json in EventsAsync(Path.Combine(inbox, Cards), cancellation))
            using (json)
            {
                var card = Card(json);
                state.Saw(card.At);
                if (!cards.TryGetValue(card.Id, out var known) || IsLater(card, known))
                    cards[card.Id] = card;
            }
        state.Owners.AddRange(users.Select(u => (u.Key, u.Value)));
        state.NextUser = users.Count == 0 ? 0 : users.Keys.Max() + 1;
        state.NextCard = cards.Count == 0 ? 0 : cards.Keys.Max() + 1;
        state.Latest.AddRange(cards.Values);
        return state;
    }

    /// <summary>The order of two states of one card.</summary>
    internal static bool IsLater(CardEvent card, CardEvent than) =>
        (card.At, card.UpdatedAt, card.EventId.ToString()).CompareTo((than.At, than.UpdatedAt, than.EventId.ToString())) > 0;

    void Saw(DateTime at)
    {
        var day = DateOnly.FromDateTime(at);
        LastDay = LastDay is null || day > LastDay ? day : LastDay;
    }

    static async IAsyncEnumerable<JsonDocument> EventsAsync(string folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (string file in Directory.EnumerateFiles(folder, "*.json"))
            if (Parse(await File.ReadAllBytesAsync(file, cancellation)) is { } json)
                yield return json;
    }

    static JsonDocument? Parse(byte[] text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException) // half-written, as some are on purpose
        {
            return null;
        }
    }

    static CardEvent Card(JsonDocument json) => new(json.RootElement.GetProperty("metadata").GetProperty("event_id").GetGuid(), At(json, "metadata", "event_at"), Payload(json, "id").GetInt64(),
        json.RootElement.GetProperty("payload").TryGetProperty("user_id", out var user) ? user.GetInt64() : null, Payload(json, "created_by_name").GetString()!,
        At(json, "payload", "updated_at"), At(json, "payload", "created_at"), Payload(json, "active").GetBoolean(), IsCreation: false);

    static JsonElement Payload(JsonDocument json, string name) => json.RootElement.GetProperty("payload").GetProperty(name);

    static DateTime At(JsonDocument json, string part, string name) =>
        DateTime.ParseExact(json.RootElement.GetProperty(part).GetProperty(name).GetString()!, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
