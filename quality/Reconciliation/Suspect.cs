using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>What became of a difference that was looked at again.</summary>
internal enum Settled
{
    /// <summary>Still moving when the time was over.</summary>
    InFlight,

    /// <summary>The same on both sides, look after look.</summary>
    Real,

    /// <summary>It was a write on its way.</summary>
    Gone,
}

/// <summary>A row that differed; where its key stands several times, all that differs of it.</summary>
internal sealed class Suspect
{
    /// <summary>Looks in a row that must agree with the one before.</summary>
    public const int Looks = 2;

    int agreeing;

    public Suspect(RowId id, IReadOnlyList<Difference> found) => (Id, First, Now) = (id, found, found);

    public RowId Id { get; }

    /// <summary>As the comparison found it.</summary>
    public IReadOnlyList<Difference> First { get; }

    /// <summary>As it was seen last.</summary>
    public IReadOnlyList<Difference> Now { get; private set; }

    public Settled Outcome { get; private set; }

    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether both sides have it now, equal; else, once it is gone, neither has.</summary>
    public bool IsInSource { get; private set; }

    public static IReadOnlyList<Suspect> Of(IEnumerable<Difference> found) =>
        [.. found.GroupBy(d => d.Id).Select(g => new Suspect(g.Key, [.. g]))];

    public void See(Look look)
    {
        var seen = look.Differing[Id].ToArray();
        if (seen.Length == 0)
            (Outcome, IsOpen, IsInSource, Now) = (Settled.Gone, false, look.InSource.Contains(Id), seen);
        else if (State(seen).SequenceEqual(State(Now)))
            Agree(++agreeing);
        else
            (agreeing, Now) = (0, seen);
    }

    /// <summary>There is no second look: what is as it was found is taken for real.</summary>
    public void SeeOnce(Look look)
    {
        See(look);
        if (agreeing > 0)
            Agree(Looks);
    }

    /// <summary>Takes it for real where it was found before as it is now.</summary>
    public void Resembles(IEnumerable<Difference> before)
    {
        if (State(before).SequenceEqual(State(Now)))
            Agree(Looks);
    }

    void Agree(int looks)
    {
        if (looks >= Looks)
            (Outcome, IsOpen) = (Settled.Real, false);
    }

    static IEnumerable<(Hash128?, Hash128?)> State(IEnumerable<Difference> differences) =>
        differences.Select(d => (d.Trace!.Source, d.Trace.Warehouse)).OrderBy(s => s.Source.GetValueOrDefault()).ThenBy(s => s.Warehouse.GetValueOrDefault());
}

/// <summary>One look at rows that differed.</summary>
/// <param name="Differing">Those that still do.</param>
/// <param name="InSource">Those that the source gives now.</param>
internal sealed record Look(ILookup<RowId, Difference> Differing, IReadOnlySet<RowId> InSource);
