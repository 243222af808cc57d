using Etl.Contracts;

namespace Quality.Reconciliation;

/// <summary>Counts the differences of one dataset's tables, or holds them until both sides have been looked at again.</summary>
/// <param name="holds">Whether differences are looked at again.</param>
/// <param name="tell">Told of each difference that counts.</param>
internal sealed class Tally(IReadOnlyList<TableResult> results, bool holds, Action<Difference>? tell)
{
    /// <summary>Differences of a dataset that are looked at again, at most; so many fit in memory, and moving rows are few.</summary>
    public const int MostHeld = 10_000;

    /// <summary>What is to be looked at again.</summary>
    public List<Difference> Held { get; } = [];

    public IReadOnlyList<TableResult> Results => results;

    public void Report(Difference difference)
    {
        bool canMove = holds && difference.Trace is not null;
        if (canMove && Held.Count < MostHeld)
            Held.Add(difference);
        else
            Count(difference, lookedAt: !canMove);
    }

    /// <param name="lookedAt">Whether it stood when it was looked at again, or could not move.</param>
    public void Count(Difference difference, bool lookedAt)
    {
        var result = Of(difference.Table);
        result.NotLookedAtAgain += lookedAt ? 0 : 1;
        result.Add(difference);
        tell?.Invoke(difference);
    }

    public TableResult Of(Table table) => results.First(r => r.Table == table);

    /// <summary>Takes the outcome of looking again.</summary>
    public void Settle(IEnumerable<Suspect> suspects, DateTimeOffset found, DateTimeOffset now)
    {
        foreach (var suspect in suspects)
            Of(suspect.Id.Table).Settle(suspect, found, now, d => Count(d, lookedAt: true));
        Held.Clear();
    }
}
