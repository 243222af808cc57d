namespace Chaos.Generation;

/// <summary>Users who come and get cards, cards that change: a day at a time, everything following from the seed and what was there.</summary>
sealed class CardsWorld(CardsOptions options, CardsState state)
{
    const int CardsPerUser = 2, ChangesPerUser = 3;

    /// <summary>Creations without user_id; those with the id of a user who never came; changes in the same second as another.</summary>
    const int FaultyOneIn = 20, StrangerOneIn = 100, TieOneIn = 20;
    const int SecondsInADay = 86_400;
    const long StrangersFrom = 1_000_000;

    readonly CardsWords words = new(options.Seed);

    /// <summary>The day that comes next.</summary>
    public DateOnly NextDay { get; private set; } = state.LastDay?.AddDays(1) ?? options.StartDate;

    public long NextUser => state.NextUser;

    public long NextCard => state.NextCard;

    /// <summary>The events of the next day, in order.</summary>
    public IReadOnlyList<InboxEvent> Advance()
    {
        var random = Chance.Seeded(Chance.Mix((ulong)options.Seed, (ulong)NextDay.DayNumber));
        // What happens is drawn first, then done in the order of time: a card's change follows its creation.
        var happenings = Enumerable.Range(0, options.UsersPerDay * (1 + CardsPerUser + ChangesPerUser))
            .Select(i => (At: NextDay.ToDateTime(default).AddSeconds(random.Next(SecondsInADay)), Kind: i % (1 + CardsPerUser + ChangesPerUser)))
            .OrderBy(h => h.At).ThenBy(h => h.Kind).ToArray();
        var events = new List<InboxEvent>();
        foreach (var (at, kind) in happenings)
            if (kind == 0)
                events.Add(User(random, at));
            else if (kind <= CardsPerUser || state.Latest.Count == 0)
                events.Add(Keep(Create(random, at)));
            else
                events.AddRange(Change(random, at));
        NextDay = NextDay.AddDays(1);
        return events;
    }

    /// <summary>An event that nobody finished writing: it never happened.</summary>
    public CardEvent Unfinished(int number)
    {
        var random = Chance.Seeded(Chance.Mix(Chance.Mix((ulong)options.Seed, (ulong)NextDay.DayNumber), (ulong)number + 1));
        return Create(random, NextDay.ToDateTime(default).AddSeconds(-1 - random.Next(60)));
    }

    UserEvent User(Random random, DateTime at)
    {
        var user = new UserEvent(Id(random), at, state.NextUser++, words.Name(random), words.Address(random), words.Job(random), random.NextDouble());
        state.Owners.Add((user.Id, user.Name));
        return user;
    }

    CardEvent Create(Random random, DateTime at)
    {
        var owner = state.Owners.Count == 0 || random.OneIn(StrangerOneIn) ? (Id: random.NextInt64(StrangersFrom, 2 * StrangersFrom), Name: words.Name(random)) : random.Pick(state.Owners);
        return new CardEvent(Id(random), at, state.NextCard, random.OneIn(FaultyOneIn) ? null : owner.Id, owner.Name, at, at, Active: true, IsCreation: true);
    }

    CardEvent Keep(CardEvent card)
    {
        state.NextCard++;
        state.Latest.Add(card);
        return card;
    }

    /// <summary>One change, or two in the same second: then updated_at decides, or where that is the same, the event's id.</summary>
    IEnumerable<CardEvent> Change(Random random, DateTime at)
    {
        int id = random.Next(state.Latest.Count);
        var first = Changed(random, state.Latest[id], at, at.AddSeconds(-random.Next(2)));
        yield return state.Latest[id] = first;
        if (!random.OneIn(TieOneIn))
            yield break;
        var second = Changed(random, first, at, random.OneIn(2) ? at : first.UpdatedAt);
        if (CardsState.IsLater(second, first))
            state.Latest[id] = second;
        yield return second;
    }

    CardEvent Changed(Random random, CardEvent card, DateTime at, DateTime updated) => card with
    {
        EventId = Id(random),
        At = at,
        UpdatedAt = updated < card.CreatedAt ? card.CreatedAt : updated,
        Active = !card.Active,
        IsCreation = false,
        CreatedByName = random.OneIn(10) ? words.Name(random) : card.CreatedByName,
    };

    static Guid Id(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
