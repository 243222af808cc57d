namespace Chaos.Generation;

/// <summary>
/// The simulated community. Every day follows from the options' seed and the state that the world started from,
/// so the same options on an empty database give the same documents, byte for byte.
/// </summary>
sealed class CommunityWorld
{
    const int UsersInAGroup = 25, DaysOfWriting = 84, YoungestAge = 16, OldestAge = 90;
    const int SilentThreadOneIn = 20, SlotsUsedPerCent = 80;
    const long FirstSignUp = 6 * Hour, LastSignUp = 22 * Hour, LastMessage = 24 * Hour - 1, Hour = 3_600_000;
    const int LongestCheckout = 300_000;

    /// <summary>Each kind of id has its own five bytes of chance, so its counter can begin at 0 every day.</summary>
    enum Purpose { Users, Groups, Threads, Invoices, Day }

    static readonly (int, string)[] Genders = [(47, "Male"), (47, "Female"), (3, "Non-binary"), (2, "Other"), (1, "Prefer not to say")];
    static readonly (int, int)[] MessagesADay = [(15, 0), (35, 1), (25, 2), (15, 3), (7, 4), (3, 5)];
    static readonly (int, CommunityPlan)[] Plans = [.. new[] { 40, 15, 35, 10 }.Zip(CommunityPlan.All)];
    static readonly (int, ProfileGap)[] Gaps =
        [(900, ProfileGap.None), (25, ProfileGap.PostCodeMissing), (12, ProfileGap.GenderEmpty), .. Enum.GetValues<ProfileGap>().Select(gap => (5, gap))];

    readonly CommunityOptions options;
    readonly CommunityWords words;
    readonly ulong origin;
    readonly List<CommunityUser> users, writers;
    readonly Dictionary<DateOnly, List<CommunityGroup>> groups;

    public CommunityWorld(CommunityOptions options, CommunityState? state = null)
    {
        state ??= CommunityState.Empty;
        this.options = options;
        words = new CommunityWords(options.Seed);
        origin = Chance.Mix((ulong)options.Seed, state.Fingerprint);
        users = [.. state.Users];
        writers = [.. state.Users.Where(Writes)];
        groups = state.Groups.GroupBy(group => group.StartDate).ToDictionary(week => week.Key, week => week.ToList());
        NextDay = state.NewestSignUp is { } newest ? newest.AddDays(1) : options.CompanyStartDate;
    }

    /// <summary>The day that <see cref="Advance"/> simulates next.</summary>
    public DateOnly NextDay { get; private set; }

    /// <summary>Simulates one day.</summary>
    public CommunityDay Advance()
    {
        var date = NextDay;
        NextDay = date.AddDays(1);
        var start = CommunityDay.StartOf(date);
        var random = Chance.Seeded(ChanceOf(start, Purpose.Day));
        var threadIds = Ids(start, Purpose.Threads);
        var opened = OpenGroups(date, start, random, out var joinable);
        var silent = new List<(DateTimeOffset, CommunityThread)>();
        var signedUp = SignUps(start, random, joinable);
        foreach (var user in signedUp)
            if (user is { MessagesPerDay: 0, GroupId: { } group } && random.OneIn(SilentThreadOneIn))
                silent.Add((user.SignUpDate, user.Thread = new CommunityThread(threadIds.Next(user.SignUpDate), user.Id, group, isStored: false)));
        users.AddRange(signedUp);
        writers.RemoveAll(user => (start - user.SignUpDate).TotalDays > DaysOfWriting);
        writers.AddRange(signedUp.Where(Writes));
        return new CommunityDay(date, opened, signedUp, silent, Messages(start, random, threadIds));
    }

    /// <summary>The invoice job: gives every user of that moment a new array of invoices, with new ids.</summary>
    /// <returns>The users whose invoices were replaced.</returns>
    public IReadOnlyList<CommunityUser> RunInvoiceJob(DateTimeOffset moment)
    {
        var ids = Ids(moment, Purpose.Invoices);
        var invoiced = users.FindAll(user => user.Plan is not null && user.SignUpDate <= moment);
        foreach (var user in invoiced)
            user.Invoices = CommunityInvoice.Of(user, moment, ids);
        return invoiced;
    }

    List<CommunityGroup> OpenGroups(DateOnly date, DateTimeOffset start, Random random, out List<CommunityGroup> joinable)
    {
        var monday = date.AddDays(((int)DayOfWeek.Monday - (int)date.DayOfWeek + 7) % 7);
        if (groups.TryGetValue(monday, out joinable!))
            return [];
        var ids = Ids(start, Purpose.Groups);
        int count = (options.SignUpsPerDay * 7 + UsersInAGroup - 1) / UsersInAGroup;
        joinable = [.. Enumerable.Range(0, count).Select(_ => new CommunityGroup(ids.Next(start), monday, words.HealthCoach(random)))];
        groups[monday] = joinable;
        return joinable;
    }

    List<CommunityUser> SignUps(DateTimeOffset start, Random random, List<CommunityGroup> joinable)
    {
        var ids = Ids(start, Purpose.Users);
        var times = new long[options.SignUpsPerDay];
        for (int at = 0; at < times.Length; at++)
            times[at] = random.NextInt64(FirstSignUp, LastSignUp);
        Array.Sort(times);
        return [.. times.Select(time => SignUp(start.AddMilliseconds(time), random, ids, joinable))];
    }

    CommunityUser SignUp(DateTimeOffset moment, Random random, ObjectIdSource ids, List<CommunityGroup> joinable)
    {
        var country = words.Country(random);
        string gender = random.Pick<string>(Genders);
        var gap = random.Pick<ProfileGap>(Gaps);
        return new CommunityUser
        {
            Id = ids.Next(moment),
            SignUpDate = moment,
            GroupId = gap == ProfileGap.GroupNull ? null : random.Pick(joinable).Id,
            MessagesPerDay = gap == ProfileGap.HelpersMissing ? 0 : random.Pick<int>(MessagesADay),
            SubscriptionStart = moment.AddMilliseconds(random.Next(LongestCheckout)),
            Plan = random.Pick<CommunityPlan>(Plans),
            Profile = new CommunityProfile(
                words.FirstName(random, country, gender), words.LastName(random, country), Age(random), gender, country.Code, country.PostCode(random), gap,
                ids.Next(moment), ids.Next(moment), ids.Next(moment)),
        };
    }

    /// <summary>Messages are written in a group; some users have joined none.</summary>
    static bool Writes(CommunityUser user) => user is { MessagesPerDay: > 0, GroupId: not null };

    /// <summary>Three dice: most are in their middle years, few at the ends.</summary>
    static int Age(Random random)
    {
        const int spread = (OldestAge - YoungestAge) / 3;
        return YoungestAge + random.Next(spread + 1) + random.Next(spread + 1) + random.Next(OldestAge - YoungestAge - 2 * spread + 1);
    }

    List<CommunityMessage> Messages(DateTimeOffset start, Random random, ObjectIdSource threadIds)
    {
        var messages = new List<(long Time, CommunityUser User)>();
        foreach (var user in writers)
        {
            long earliest = Math.Max(0, (long)(user.SignUpDate - start).TotalMilliseconds + 1);
            for (int slot = 0; slot < user.MessagesPerDay; slot++)
                if (random.Next(100) < SlotsUsedPerCent)
                    messages.Add((random.NextInt64(earliest, LastMessage), user));
        }
        return [.. messages.OrderBy(message => message.Time).Select(message => Message(start.AddMilliseconds(message.Time), message.User))];

        CommunityMessage Message(DateTimeOffset moment, CommunityUser user)
        {
            user.Thread ??= new CommunityThread(threadIds.Next(moment), user.Id, user.GroupId!.Value, isStored: false);
            return new CommunityMessage(user.Thread, moment, words.Message(random));
        }
    }

    ObjectIdSource Ids(DateTimeOffset moment, Purpose purpose) => new(ChanceOf(moment, purpose));

    ulong ChanceOf(DateTimeOffset moment, Purpose purpose) =>
        Chance.Mix(Chance.Mix(origin, (ulong)moment.ToUnixTimeMilliseconds()), (ulong)purpose);
}
