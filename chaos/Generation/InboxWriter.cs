using System.Globalization;

namespace Chaos.Generation;

/// <summary>Writes event files as producers do: under another name first, so that nobody sees half of one; some do not.</summary>
sealed class InboxWriter
{
    readonly string inbox;

    public InboxWriter(string inbox)
    {
        this.inbox = inbox;
        foreach (string folder in (string[])[CardsState.Users, CardsState.Cards])
            Directory.CreateDirectory(Path.Combine(inbox, folder));
    }

    /// <param name="written">The file's time; null: now.</param>
    public async Task WriteAsync(InboxEvent what, DateTime? written, CancellationToken cancellation)
    {
        string path = PathOf(what), unfinished = Path.Combine(inbox, what.Folder, "." + what.FileName + ".tmp");
        await File.WriteAllBytesAsync(unfinished, what.ToJson(), cancellation);
        if (written is { } at)
            File.SetLastWriteTimeUtc(unfinished, at);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Writes the beginning in place, as a producer that is slow, or dead.</summary>
    public Task BeginAsync(InboxEvent what, CancellationToken cancellation)
    {
        byte[] whole = what.ToJson();
        return File.WriteAllBytesAsync(PathOf(what), whole.AsMemory(0, whole.Length * 2 / 3), cancellation);
    }

    /// <summary>Writes what is missing behind the beginning.</summary>
    public async Task EndAsync(InboxEvent what, CancellationToken cancellation)
    {
        byte[] whole = what.ToJson();
        await File.AppendAllBytesAsync(PathOf(what), whole.AsMemory(whole.Length * 2 / 3), cancellation);
    }

    /// <summary>The files that count the ids, as the producers' own business lies among the events.</summary>
    public async Task CountAsync(CardsWorld world, CancellationToken cancellation)
    {
        await CountAsync(CardsState.Users, world.NextUser, cancellation);
        await CountAsync(CardsState.Cards, world.NextCard, cancellation);
    }

    Task CountAsync(string folder, long next, CancellationToken cancellation) =>
        File.WriteAllTextAsync(Path.Combine(inbox, folder, CardsState.Counter), next.ToString(CultureInfo.InvariantCulture), cancellation);

    string PathOf(InboxEvent what) => Path.Combine(inbox, what.Folder, what.FileName);
}
