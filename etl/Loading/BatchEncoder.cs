using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Etl.Validation;
using Npgsql;

namespace Etl.Loading;

/// <summary>One batch on its way: its documents flattened into COPY blocks, a block a table, and the refused ones set aside.</summary>
internal sealed class BatchEncoder(Dataset dataset, IReadOnlyList<MergeSql> merges, Func<ReadOnlyMemory<byte>, byte[]> positionOf)
{
    readonly Flattener flattener = new(dataset);
    readonly DocumentValidator validator = new(dataset);
    readonly CopyBlock[] blocks = [.. dataset.Tables.Select(t => new CopyBlock(t.Columns.Count + 2))];
    readonly CopyBlock documents = new(dataset.Key.Count + 3);
    readonly string copyDocuments = $"COPY {MergeSql.Documents} ({TableSql.Names(KeyColumns(dataset))}, _hash, _doc, _accepted) FROM STDIN (FORMAT binary)";

    /// <summary>The columns that hold a document's key, in every table that is not shared.</summary>
    public static IReadOnlyList<Column> KeyColumns(Dataset dataset) => dataset.Tables.First(t => !t.IsShared).DocumentKey;

    public List<RefusedDocument> Refused { get; } = [];

    /// <summary>Whether the batch gave the table any row.</summary>
    public bool Fills(int table) => blocks[table].Rows > 0;

    public void Encode(DocumentBatch batch)
    {
        Clear();
        for (int i = 0; i < batch.Count; i++)
        {
            var document = batch[i];
            var refusal = flattener.Flatten(document);
            if (refusal is { } why)
                Refused.Add(Refuse(batch, i, why));
            else
                for (int row = 0; row < flattener.RowCount; row++)
                    blocks[flattener.TableOf(row)].Add(flattener.Row(row), flattener.HashOf(row), i);
            var key = flattener.Key(document);
            if (!key.IsEmpty)
                documents.Add(key, Hash128.Of(document), i, refusal is null);
        }
    }

    /// <summary>Stages a position alone, as the document it names; false where its key fits no column.</summary>
    public bool EncodeKey(byte[] position)
    {
        Clear();
        var key = flattener.Key(position);
        if (key.IsEmpty)
            return false;
        documents.Add(key, 0, 0, accepted: false);
        return true;
    }

    void Clear()
    {
        Refused.Clear();
        documents.Clear();
        foreach (var block in blocks)
            block.Clear();
    }

    /// <summary>Copies everything into the session's staging tables.</summary>
    public async Task SendAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await documents.SendAsync(connection, copyDocuments, cancellation);
        await connection.RunAsync($"ANALYZE {MergeSql.Documents}", cancellation);
        for (int i = 0; i < blocks.Length; i++)
            if (blocks[i].Rows > 0)
            {
                await blocks[i].SendAsync(connection, merges[i].CopyIntoStage, cancellation);
                await connection.RunAsync(merges[i].AnalyzeStage, cancellation);
            }
    }

    /// <summary>The keys, as quarantine writes them, of the documents that were not refused.</summary>
    public string[] AcceptedKeys(DocumentBatch batch)
    {
        var refused = Refused.Select(r => r.Number).ToHashSet();
        return [.. Enumerable.Range(0, batch.Count).Where(i => !refused.Contains(i)).Select(i => PositionText.Of(positionOf(batch.Memory(i))))];
    }

    RefusedDocument Refuse(DocumentBatch batch, int number, Refusal why)
    {
        var violations = validator.Explain(batch.Memory(number));
        if (violations.Count == 0) // the gate and its explanation are made of the same rules; should they ever differ, the document is still refused
            violations = [new Violation(why.Rule, why.Field?.Path ?? "", "", why.Detail ?? $"'{why.Field?.Path}' breaks rule {why.Rule}.")];
        return Refuse(batch, number, violations);
    }

    public RefusedDocument Refuse(DocumentBatch batch, int number, IReadOnlyList<Violation> violations)
    {
        var document = batch.Memory(number);
        byte[] position = positionOf(document);
        return new RefusedDocument(number, PositionText.Of(position), position, document, violations);
    }
}
