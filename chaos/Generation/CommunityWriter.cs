namespace Chaos.Generation;

/// <summary>Collects what happens and writes it: new documents by insert, stored ones by update.</summary>
sealed class CommunityWriter(IDocumentSink sink)
{
    const int BatchSize = 1_000;

    readonly CommunityDocuments documents = new();
    readonly List<CommunityGroup> groups = [];
    readonly List<CommunityUser> users = [];
    readonly List<CommunityThread> threads = [];
    IReadOnlyList<CommunityUser> invoiced = [];
    CommunityDay? day;
    int groupsTaken, usersTaken, silentTaken, messagesTaken;

    public GenerationSummary Summary { get; private set; } = new(0, 0, 0, 0, 0, null, null);

    public void Begin(CommunityDay next)
    {
        day = next;
        groupsTaken = usersTaken = silentTaken = messagesTaken = 0;
        Summary = Summary with { FirstDay = Summary.FirstDay ?? next.Date, LastDay = next.Date };
    }

    /// <summary>Takes what happens up to a moment of the day begun.</summary>
    public void TakeUntil(DateTimeOffset moment)
    {
        if (day is null)
            return;
        for (; groupsTaken < day.Groups.Count; groupsTaken++)
            groups.Add(day.Groups[groupsTaken]);
        for (; usersTaken < day.Users.Count && day.Users[usersTaken].SignUpDate <= moment; usersTaken++)
            users.Add(day.Users[usersTaken]);
        for (; silentTaken < day.SilentThreads.Count && day.SilentThreads[silentTaken].Date <= moment; silentTaken++)
            threads.Add(day.SilentThreads[silentTaken].Thread);
        for (; messagesTaken < day.Messages.Count && day.Messages[messagesTaken].Date <= moment; messagesTaken++)
        {
            var message = day.Messages[messagesTaken];
            if (message.Thread.Pending.Count == 0)
                threads.Add(message.Thread);
            message.Thread.Pending.Add(message);
        }
    }

    public void TakeInvoices(IReadOnlyList<CommunityUser> replaced) => invoiced = replaced;

    /// <summary>Writes all that was taken. Parents first: groups, users, then threads and invoices.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        var invoicesToReplace = invoiced.Where(user => user.IsStored).ToList();
        var threadsToPush = threads.FindAll(thread => thread.IsStored);
        var threadsToInsert = threads.FindAll(thread => !thread.IsStored);
        long messages = threads.Sum(thread => (long)thread.Pending.Count);

        await InsertAsync(CommunityDocuments.Groups, groups, documents.Group, cancellation);
        await InsertAsync(CommunityDocuments.Users, users, documents.User, cancellation);
        await InsertAsync(CommunityDocuments.Messages, threadsToInsert, documents.Thread, cancellation);
        await UpdateAsync(CommunityDocuments.Messages, threadsToPush, thread => new(thread.Id.ToArray(), documents.PushMessages(thread)), cancellation);
        await UpdateAsync(CommunityDocuments.Users, invoicesToReplace, user => new(user.Id.ToArray(), documents.ReplaceInvoices(user)), cancellation);

        foreach (var user in users)
            user.IsStored = true;
        foreach (var thread in threads)
        {
            thread.IsStored = true;
            thread.Pending.Clear();
        }
        Summary = Summary with
        {
            Groups = Summary.Groups + groups.Count,
            Users = Summary.Users + users.Count,
            Threads = Summary.Threads + threadsToInsert.Count,
            Messages = Summary.Messages + messages,
            Invoices = invoiced.Count == 0 ? Summary.Invoices : invoiced.Sum(user => (long)user.Invoices.Length),
        };
        groups.Clear();
        users.Clear();
        threads.Clear();
        invoiced = [];
    }

    async Task InsertAsync<T>(string collection, List<T> items, Func<T, byte[]> document, CancellationToken cancellation)
    {
        foreach (var batch in items.Chunk(BatchSize))
            await sink.InsertAsync(collection, Array.ConvertAll(batch, item => document(item)), cancellation);
    }

    async Task UpdateAsync<T>(string collection, List<T> items, Func<T, DocumentUpdate> update, CancellationToken cancellation)
    {
        foreach (var batch in items.Chunk(BatchSize))
            await sink.UpdateAsync(collection, Array.ConvertAll(batch, item => update(item)), cancellation);
    }
}
