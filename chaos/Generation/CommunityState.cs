using System.Buffers.Binary;
using Etl.Documents;

namespace Chaos.Generation;

/// <summary>What a generator finds in the database when it starts.</summary>
/// <param name="NewestSignUp">Null where there are no users.</param>
/// <param name="Users">The newest users, in order of their ids; older ones have fallen silent and are left alone.</param>
/// <param name="Fingerprint">
/// Follows from all that was read, 0 for an empty database. It goes into the new ids: a generator that was
/// stopped in the middle of a day cannot make the ids of that day a second time.
/// </param>
sealed record CommunityState(DateOnly? NewestSignUp, IReadOnlyList<CommunityUser> Users, IReadOnlyList<CommunityGroup> Groups, ulong Fingerprint)
{
    public const int MaxUsers = 20_000;
    const int Page = 1_000;

    /// <summary>2106-02-07: no ObjectId is younger, and dates beyond it are broken ones.</summary>
    const long EndOfTime = uint.MaxValue * 1000L;

    public static readonly CommunityState Empty = new(null, [], [], 0);

    /// <summary>Reads the state. Documents of another shape (corrupted ones, say) are passed over.</summary>
    public static async Task<CommunityState> LoadAsync(IDocumentSink sink, CancellationToken cancellation = default)
    {
        var endOfTime = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(endOfTime, EndOfTime);
        var newest = await sink.HighestAsync(CommunityDocuments.Users, "signUpDate", BsonType.DateTime, endOfTime, 1, ["signUpDate"], cancellation);
        var groups = await sink.HighestAsync(CommunityDocuments.Groups, "startDate", BsonType.DateTime, endOfTime, Page, ["startDate"], cancellation);
        ulong fingerprint = 0;
        var users = new Dictionary<ObjectId, CommunityUser>();
        await foreach (var document in PagesAsync(sink, CommunityDocuments.Users, ["signUpDate", "groupId", "fakeDataHelpers", "subscriptions"], cancellation))
        {
            fingerprint = Mixed(fingerprint, document);
            if (ReadUser(document) is { } user)
                users[user.Id] = user;
            if (users.Count == MaxUsers)
                break;
        }
        var oldest = users.Values.Select(user => user.Id.Seconds).DefaultIfEmpty().Min();
        await foreach (var document in PagesAsync(sink, CommunityDocuments.Messages, ["userId", "groupId", "latestMessageDate"], cancellation))
        {
            fingerprint = Mixed(fingerprint, document);
            if (ReadThread(document) is not { } thread)
                continue;
            if (thread.Id.Seconds < oldest)
                break; // a thread is younger than its user
            if (users.TryGetValue(thread.UserId, out var user) && user.GroupId == thread.GroupId)
                user.Thread = thread;
        }
        foreach (var document in groups)
            fingerprint = Mixed(fingerprint, document);
        return new CommunityState(
            newest.Count == 0 ? null : DateOf(new DocumentView(newest[0]).Date("signUpDate")),
            [.. users.Values.Reverse()],
            [.. groups.Select(ReadGroup).OfType<CommunityGroup>().Reverse()],
            fingerprint);
    }

    static async IAsyncEnumerable<byte[]> PagesAsync(
        IDocumentSink sink, string collection, string[] fields, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var below = Enumerable.Repeat((byte)0xFF, ObjectId.Size).ToArray();
        while (await sink.HighestAsync(collection, "_id", BsonType.ObjectId, below, Page, fields, cancellation) is { Count: > 0 } page)
        {
            foreach (var document in page)
                yield return document;
            below = new DocumentView(page[^1]).Id("_id")!.Value.ToArray();
        }
    }

    static CommunityUser? ReadUser(byte[] document)
    {
        var view = new DocumentView(document);
        if (view.Id("_id") is not { } id || view.Date("signUpDate") is not { } signUp)
            return null;
        var subscription = view.Nested("subscriptions");
        string? plan = subscription.Nested("planType").Text("planID");
        return new CommunityUser
        {
            Id = id,
            SignUpDate = signUp,
            GroupId = view.Id("groupId"),
            MessagesPerDay = view.Nested("fakeDataHelpers").Int("messagesPerDay") ?? 0,
            SubscriptionStart = subscription.Date("startDate") ?? signUp,
            Plan = CommunityPlan.All.FirstOrDefault(known => known.Id == plan),
            IsStored = true,
        };
    }

    static CommunityThread? ReadThread(byte[] document)
    {
        var view = new DocumentView(document);
        return view.Id("_id") is { } id && view.Id("userId") is { } user && view.Id("groupId") is { } group
            ? new CommunityThread(id, user, group, isStored: true)
            : null;
    }

    static CommunityGroup? ReadGroup(byte[] document)
    {
        var view = new DocumentView(document);
        return view.Id("_id") is { } id && DateOf(view.Date("startDate")) is { } start ? new CommunityGroup(id, start, null) : null;
    }

    static DateOnly? DateOf(DateTimeOffset? moment) => moment is { } known ? DateOnly.FromDateTime(known.UtcDateTime) : null;

    static ulong Mixed(ulong fingerprint, ReadOnlySpan<byte> document)
    {
        for (; document.Length >= sizeof(ulong); document = document[sizeof(ulong)..])
            fingerprint = Chance.Mix(fingerprint, BinaryPrimitives.ReadUInt64LittleEndian(document));
        foreach (byte rest in document)
            fingerprint = Chance.Mix(fingerprint, rest);
        return fingerprint;
    }
}
