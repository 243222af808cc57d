using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Etl.Validation;

namespace Quality.Reconciliation;

/// <summary>What one document of a reading says of one key.</summary>
/// <param name="key">Hash of the row's key.</param>
/// <param name="fields">The row in binary COPY form; empty where the document is left out.</param>
/// <param name="hash">Hash of the row.</param>
internal delegate void EventRow(Hash128 key, RowVersion version, ReadOnlySpan<byte> fields, Hash128 hash, ReadOnlySpan<byte> position);

/// <summary>One reading of a dataset whose order says nothing of its keys.</summary>
internal sealed class EventPass(IDocumentSource source, Dataset dataset, QuarantineIndex quarantine, QuarantineKeys keys, DaySelector? selector, ScanRange range)
{
    readonly Flattener flattener = new(dataset);
    readonly RowHasher hasher = new(dataset.RootTable);

    /// <summary>Documents read, and how many of them no day was asked for.</summary>
    public long Documents { get; private set; }

    public long Filtered { get; private set; }

    /// <summary>Documents that are accounted for by their quarantine entry.</summary>
    public long Quarantined { get; private set; }

    /// <summary>By the first half of a version, where the source is asked day by day; what wins is not known here.</summary>
    public SortedDictionary<ulong, DayBooks> Days { get; } = [];

    readonly bool hasDays = DaySelector.HasDays(dataset);

    /// <summary>Documents that the contract refuses and nobody has seen yet.</summary>
    public List<LeftOut> Unseen { get; } = [];

    /// <param name="visit">Told of every document that has a key.</param>
    /// <param name="tell">Told how many documents were read so far.</param>
    public async Task RunAsync(EventRow visit, Action<long>? tell, CancellationToken cancellation)
    {
        (Documents, Filtered, Quarantined) = (0, 0, 0);
        Days.Clear();
        Unseen.Clear();
        var order = new EventOrder(dataset, 1, source.IsTransient);
        await using var scan = source.Scan(dataset, range, null);
        await foreach (var batch in scan.BatchesAsync(cancellation: cancellation))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                Documents++;
                var at = EventPosition.Of(batch.RefusedAt(i)?.Position ?? batch[i]);
                var version = order.Next(at);
                if (batch.RefusedAt(i) is { } item)
                    LeaveOut(keys.Of(item), item.Position, at, quarantine.Holds(keys.Of(item)), RuleNames.Malformed);
                else
                    Visit(batch[i], at, version, visit);
            }
            tell?.Invoke(Documents);
        }
    }

    void Visit(ReadOnlySpan<byte> document, in EventPosition at, RowVersion version, EventRow visit)
    {
        if (selector?.Selects(document) == false)
        {
            Filtered++;
            return;
        }
        var refusal = flattener.Flatten(document);
        byte[] position = [];
        if (refusal is not null || !quarantine.IsEmpty)
        {
            position = source.PositionOf(dataset, document);
            string key = keys.Of(position);
            bool held = refusal is null ? quarantine.HoldsVersion(key, Hash128.Of(document).ToGuid()) : quarantine.Holds(key);
            if (held || refusal is not null)
            {
                LeaveOut(key, position, at, held, refusal?.Rule ?? "");
                var encoded = flattener.Key(document);
                if (!encoded.IsEmpty)
                    visit(hasher.Key(encoded), version, default, default, position);
                return;
            }
        }
        if (DayOf(at) is { } day)
            day.Documents++;
        var fields = flattener.Row(0);
        visit(hasher.Key(fields), version, fields, flattener.HashOf(0), document);
    }

    DayBooks? DayOf(in EventPosition at)
    {
        if (!hasDays || !at.Day)
            return null;
        if (!Days.TryGetValue(at.Partition, out var day))
            Days.Add(at.Partition, day = new DayBooks(at.DayText));
        return day;
    }

    void LeaveOut(string key, byte[] position, in EventPosition at, bool held, string rule)
    {
        if (DayOf(at) is { } day)
        {
            day.Documents++;
            (day.Quarantined, day.Unseen) = (day.Quarantined + (held ? 1 : 0), day.Unseen + (held ? 0 : 1));
        }
        if (held)
            Quarantined++;
        else
            Unseen.Add(new LeftOut(key, position, rule));
    }

    public byte[] PositionOf(ReadOnlySpan<byte> document) => source.PositionOf(dataset, document);
}
