using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Etl.Validation;

namespace Quality.Reconciliation;

/// <summary>What one document gives to one table.</summary>
/// <param name="table">Index among the dataset's tables.</param>
/// <param name="fields">The contract's columns in binary COPY form.</param>
/// <param name="hash">Hash of the row.</param>
internal delegate void SourceRow(int table, ReadOnlySpan<byte> fields, Hash128 hash, ReadOnlySpan<byte> document);

/// <summary>One reading of a dataset: every row of every document that ought to be in the warehouse.</summary>
internal sealed class SourcePass(IDocumentSource source, Dataset dataset, QuarantineIndex quarantine, QuarantineKeys keys, Selection? selection = null)
{
    readonly Flattener flattener = new(dataset);

    /// <summary>What is read, one after the other; by default the whole dataset.</summary>
    public Func<IEnumerable<IDocumentScan>> Parts { get; init; } = () => [source.Scan(dataset, ScanRange.Whole, null)];

    /// <summary>Documents that are accounted for by their quarantine entry.</summary>
    public long Quarantined { get; private set; }

    /// <summary>Documents that are left out of the comparison of rows, by the hash of their encoded key.</summary>
    public Dictionary<Hash128, LeftOut> LeftOut { get; } = [];

    /// <summary>Documents read in the last pass.</summary>
    public long Documents { get; private set; }

    /// <param name="tell">Called with the number of documents after each batch.</param>
    public async Task RunAsync(SourceRow visit, Action<long>? tell, CancellationToken cancellation)
    {
        (Quarantined, Documents) = (0, 0);
        LeftOut.Clear();
        foreach (var part in Parts())
        {
            await using var scan = part;
            await foreach (var batch in scan.BatchesAsync(cancellation: cancellation))
            {
                Visit(batch, visit);
                Documents += batch.Count;
                tell?.Invoke(Documents);
            }
        }
    }

    void Visit(DocumentBatch batch, SourceRow visit)
    {
        for (int i = 0; i < batch.Count; i++)
            if (batch.RefusedAt(i) is not { } item)
                Visit(batch[i], visit);
            else if (selection is null) // what is no document is of no day
                Visit(item);
    }

    /// <summary>Bytes that are no document give no rows; they are accounted for by their quarantine entry, or by nothing.</summary>
    void Visit(Refused item)
    {
        string key = keys.Of(item);
        bool held = quarantine.Holds(key);
        Quarantined += held ? 1 : 0;
        // Where its position is a key, the rows of the version before are left out with it.
        var encoded = item.Position.Length > BsonReader.SmallestDocument ? flattener.Key(item.Position) : default;
        LeftOut[Hash128.Of(encoded.IsEmpty ? System.Text.Encoding.UTF8.GetBytes(key) : encoded)] = new LeftOut(key, item.Position, held ? null : RuleNames.Malformed);
    }

    void Visit(ReadOnlySpan<byte> document, SourceRow visit)
    {
        if (selection?.Leaves(document, flattener) == true)
            return;
        var refusal = flattener.Flatten(document);
        if (refusal is not null || !quarantine.IsEmpty)
        {
            byte[] position = source.PositionOf(dataset, document);
            string key = keys.Of(position);
            bool held = refusal is null ? quarantine.HoldsVersion(key, Hash128.Of(document).ToGuid()) : quarantine.Holds(key);
            if (held || refusal is not null)
            {
                Quarantined += held ? 1 : 0;
                // A document whose key fits no column has no rows to leave out, but still counts.
                var encoded = flattener.Key(document);
                LeftOut[Hash128.Of(encoded.IsEmpty ? position : encoded)] = new LeftOut(key, position, held ? null : refusal!.Value.Rule);
                return;
            }
        }
        for (int row = 0; row < flattener.RowCount; row++)
            visit(flattener.TableOf(row), flattener.Row(row), flattener.HashOf(row), document);
    }
}
