using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;
using Etl.Validation;

namespace Etl.Loading;

/// <summary>One batch on its way: its documents flattened into rows, their keys, and the refused ones set aside.</summary>
internal sealed class BatchEncoder
{
    /// <summary>Shared rows remembered as kept, at most; a contract whose shared rows are more than a few sends some of them again.</summary>
    const int MaxRemembered = 50_000;

    readonly Dataset dataset;
    readonly Flattener flattener;
    readonly Lazy<DocumentValidator> validator; // costs more to make than a thousand documents to load; most scans refuse none
    readonly Func<ReadOnlyMemory<byte>, byte[]> positionOf;
    readonly QuarantineKeys keys;
    readonly EncodedRows[] tables;
    readonly long[] produced;
    readonly HashSet<Hash128> kept = [], fresh = [];

    public BatchEncoder(Dataset dataset, Func<ReadOnlyMemory<byte>, byte[]> positionOf, QuarantineKeys keys)
    {
        this.dataset = dataset;
        (this.keys, flattener, validator, this.positionOf) = (keys, new Flattener(dataset), new Lazy<DocumentValidator>(() => new DocumentValidator(dataset)), positionOf);
        tables = [.. dataset.Tables.Select(t => new EncodedRows(t))];
        produced = new long[tables.Length];
        Keys = new BatchKeys(KeyColumn(dataset));
    }

    /// <summary>The column that holds a document's key, in every table that is not shared.</summary>
    public static Column KeyColumn(Dataset dataset) => dataset.Tables.First(t => !t.IsShared).DocumentKey[0];

    public List<RefusedDocument> Refused { get; } = [];

    public BatchKeys Keys { get; }

    /// <summary>The rows for one of the dataset's tables.</summary>
    public EncodedRows Rows(int table) => tables[table];

    /// <summary>Rows that the documents gave to a table, also those that were left out because they are kept already.</summary>
    public long Produced(int table) => produced[table];

    /// <param name="everyShared">Keep rows of shared tables also where an earlier document gave the same.</param>
    /// <param name="refused">Documents, by number, that the warehouse cannot take, though the contract has nothing against them. Null: none.</param>
    /// <param name="skipped">Documents, by number, that are only known to be there: their rows stay as they are. Empty: none.</param>
    public void Encode(DocumentBatch batch, bool everyShared, int first, int end, ReadOnlySpan<bool> skipped, IReadOnlyDictionary<int, Violation>? refused = null)
    {
        Refused.Clear();
        Keys.Clear();
        fresh.Clear();
        Array.Clear(produced);
        foreach (var table in tables)
            table.Clear();
        for (int i = first; i < end; i++)
        {
            bool isSkipped = !skipped.IsEmpty && skipped[i];
            if (batch.RefusedAt(i) is { } item)
            {
                if (!isSkipped)
                    Refused.Add(Refuse(i, item));
                // Where its position is a key, the rows of the version before are held back behind it.
                Keys.Add(dataset.IsOrdered && item.Position.Length > BsonReader.SmallestDocument ? flattener.Key(item.Position) : default, i, accepted: false);
                continue;
            }
            var document = batch[i];
            if (isSkipped)
            {
                if (dataset.IsOrdered)
                    Keys.Add(flattener.Key(document), i, accepted: false);
                continue;
            }
            var refusal = flattener.Flatten(document);
            bool accepted = false;
            if (refusal is { } why)
                Refused.Add(Refuse(batch, i, why));
            else if (refused?.TryGetValue(i, out var violation) == true)
                Refused.Add(Refuse(batch, i, [violation]));
            else
            {
                accepted = true;
                for (int row = 0; row < flattener.RowCount; row++)
                    Add(row, i, everyShared);
            }
            if (dataset.IsOrdered || !accepted) // else nobody asks for it
                Keys.Add(flattener.Key(document), i, accepted);
        }
    }

    void Add(int row, int document, bool everyShared)
    {
        int table = flattener.TableOf(row);
        produced[table]++;
        if (tables[table].Table.IsShared && !everyShared)
        {
            // Tables of one name and value hash alike in two tables; the index keeps them apart.
            var hash = flattener.HashOf(row) + new Hash128(0, (ulong)table);
            if (kept.Contains(hash) || !fresh.Add(hash))
                return;
        }
        tables[table].Add(flattener.Row(row), flattener.HashOf(row), document);
    }

    /// <summary>What was encoded since <see cref="Remember"/> was rolled back: it is not counted.</summary>
    public void Forget()
    {
        flattener.TakeDrift();
        flattener.TakeWarnings();
    }

    /// <summary>The batch is committed: the shared rows that it brought need not be brought again.</summary>
    public void Remember()
    {
        if (kept.Count + fresh.Count > MaxRemembered)
            kept.Clear();
        kept.UnionWith(fresh);
        Drift = Drift.Merge(flattener.TakeDrift());
        foreach (var warning in flattener.TakeWarnings())
            Warnings[(warning.Rule, warning.Path)] = Warnings.GetValueOrDefault((warning.Rule, warning.Path)) + warning.Count;
    }

    /// <summary>What the contract does not know of the documents of all batches that were committed.</summary>
    public Drift Drift { get; private set; } = Drift.None;

    /// <summary>Rules that only warn, by rule and path: how often documents broke them that are committed.</summary>
    public Dictionary<(string Rule, string Path), long> Warnings { get; } = [];

    /// <summary>A position's key as one binary COPY field behind its length; empty where it fits no column.</summary>
    public byte[] EncodeKey(ReadOnlySpan<byte> position) => flattener.Key(position).ToArray();

    /// <summary>The keys, as quarantine writes them, of the documents that were not refused.</summary>
    /// <param name="skipped">By number: documents that were not asked for. Null: none.</param>
    public string[] AcceptedKeys(DocumentBatch batch, bool[]? skipped = null)
    {
        var refused = Refused.Select(r => r.Number).ToHashSet();
        return [.. Enumerable.Range(0, batch.Count).Where(i => !refused.Contains(i) && skipped?[i] != true && batch.RefusedAt(i) is null).Select(i => keys.Of(positionOf(batch.Memory(i))))];
    }

    /// <summary>
    /// What is refused again under the same name counts once: the later one stays. Documents whose key can be read were told apart before;
    /// these are pieces without a place, and ids that fit no key, which a view may give more than once.
    /// </summary>
    public void DropRepeatedRefusals(DocumentLedger books)
    {
        if (Refused.Count < 2)
            return;
        var latest = new Dictionary<string, RefusedDocument>();
        foreach (var document in Refused.OrderBy(r => r.Number))
        {
            if (latest.TryGetValue(document.Key, out var earlier))
            {
                if (earlier.Document.Span.SequenceEqual(document.Document.Span))
                    books.Duplicate++;
                else
                    books.Superseded++;
            }
            latest[document.Key] = document;
        }
        if (latest.Count < Refused.Count)
            Refused.RemoveAll(r => !ReferenceEquals(latest[r.Key], r));
    }

    RefusedDocument Refuse(int number, Refused item) =>
        new(number, keys.Of(item), item.Position, item.Bytes, [new Violation(RuleNames.Malformed, "", "", item.Reason)], item.MediaType);

    RefusedDocument Refuse(DocumentBatch batch, int number, Refusal why)
    {
        var violations = validator.Value.Explain(batch.Memory(number));
        if (violations.Count == 0) // the gate and its explanation are made of the same rules; should they ever differ, the document is still refused
            violations = [new Violation(why.Rule, why.Field?.Path ?? "", "", why.Detail ?? $"'{why.Field?.Path}' breaks rule {why.Rule}.")];
        return Refuse(batch, number, violations);
    }

    public RefusedDocument Refuse(DocumentBatch batch, int number, IReadOnlyList<Violation> violations)
    {
        var document = batch.Memory(number);
        byte[] position = positionOf(document);
        return new RefusedDocument(number, keys.Of(position), position, document, violations);
    }
}
