using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Etl.Validation;

namespace Quality.External;

/// <summary>A document that the mapping's types refuse: nobody can say what its rows ought to be.</summary>
internal sealed record RefusedKey(string Key, byte[] Position, string Rule)
{
    /// <summary>Whether the warehouse has rows of it.</summary>
    public bool HasRows { get; set; }
}

/// <summary>One reading of a dataset for tables that somebody else fills: there is no quarantine to account for what is refused.</summary>
internal sealed class ExternalSource(IDocumentSource source, Dataset dataset)
{
    /// <param name="table">Index among the dataset's tables.</param>
    public delegate void Row(int table, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> document);

    readonly Flattener flattener = new(dataset);

    public long Documents { get; private set; }

    /// <summary>By the hash of the document's key, as its tables hold it.</summary>
    public Dictionary<Hash128, RefusedKey> Refused { get; } = [];

    public async Task ReadAsync(Row visit, Action<long>? tell, CancellationToken cancellation)
    {
        Documents = 0;
        await using var scan = source.Scan(dataset, ScanRange.Whole, null);
        await foreach (var batch in scan.BatchesAsync(cancellation: cancellation))
        {
            for (int i = 0; i < batch.Count; i++)
                if (batch.RefusedAt(i) is { } item)
                    Refuse(item.Position, item.Position, RuleNames.Malformed);
                else if (flattener.Flatten(batch[i]) is { } refusal)
                    Refuse(source.PositionOf(dataset, batch[i]), batch[i], refusal.Rule);
                else
                    for (int row = 0; row < flattener.RowCount; row++)
                        visit(flattener.TableOf(row), flattener.Row(row), batch[i]);
            Documents += batch.Count;
            tell?.Invoke(Documents);
        }
    }

    void Refuse(byte[] position, ReadOnlySpan<byte> document, string rule)
    {
        var key = flattener.Key(document);
        string shown = dataset.Key.Any(f => f.IsPersonal) ? "***" : PositionText.Of(position);
        Refused.TryAdd(Hash128.Of(key.IsEmpty ? position : key), new RefusedKey(shown, position, rule));
    }
}
