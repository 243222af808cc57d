using Etl.Contracts;

namespace Etl.Loading;

/// <summary>
/// The books of one dataset in one run. It may be read more than once; then the last reading says what its documents became, and what an
/// earlier one of this run wrote, and the last found as it should be, counts as loaded by the run: each document once.
/// </summary>
internal sealed class DatasetBooks(Dataset dataset)
{
    readonly Lock gate = new();
    readonly DocumentLedger written = new(dataset.Name);
    readonly Dictionary<string, TableLedger> writtenTables = Empty(dataset), before = Empty(dataset), withdrawn = Empty(dataset);
    DocumentLedger documents = new(dataset.Name);
    Dictionary<string, TableLedger> tables = Empty(dataset);
    long standing, withdrawnDocuments;

    /// <summary>How often the dataset was read, or begun to be.</summary>
    public int Readings { get; private set; } = 1;

    /// <summary>Documents read, in all readings.</summary>
    public long Read => written.Read;

    /// <summary>Of the run, each document once.</summary>
    public DocumentLedger Documents => documents.Following(standing);

    /// <inheritdoc cref="Documents"/>
    public IReadOnlyList<TableLedger> Tables => [.. tables.Values.Select(t => t.Following(before[t.Table.QualifiedName]))];

    static Dictionary<string, TableLedger> Empty(Dataset dataset) => dataset.Tables.ToDictionary(t => t.QualifiedName, t => new TableLedger(t));

    /// <summary>Takes in what was written into the journal.</summary>
    /// <param name="then">Told how many documents were read so far; one at a time.</param>
    public void Add(DocumentLedger byDocument, IReadOnlyList<TableLedger> byTable, Action<long>? then = null)
    {
        lock (gate)
        {
            documents.Add(byDocument);
            written.Add(byDocument);
            foreach (var table in byTable)
            {
                tables[table.Table.QualifiedName].Add(table);
                writtenTables[table.Table.QualifiedName].Add(table);
            }
            then?.Invoke(written.Read);
        }
    }

    /// <summary>Takes in that rows were taken out again which this reading brought; their documents are to be read again.</summary>
    public void Withdraw(long count, IReadOnlyList<TableLedger> removed)
    {
        Add(new DocumentLedger(dataset.Name), removed);
        withdrawnDocuments += count;
        foreach (var table in removed)
            withdrawn[table.Table.QualifiedName].Add(table);
    }

    /// <summary>The dataset is read once more, from its beginning.</summary>
    public void ReadAgain()
    {
        standing = Math.Max(0, Documents.Loaded - withdrawnDocuments);
        foreach (var table in Tables)
        {
            long gone = Math.Min(withdrawn[table.Table.QualifiedName].Removed, table.Inserted); // came and went
            before[table.Table.QualifiedName] = table with { Inserted = table.Inserted - gone, Removed = table.Removed - gone };
        }
        (documents, tables, withdrawnDocuments) = (new DocumentLedger(dataset.Name), Empty(dataset), 0);
        foreach (var table in dataset.Tables)
            withdrawn[table.QualifiedName] = new TableLedger(table);
        Readings++;
    }

    /// <summary>What must be added to the journal for it to say the same.</summary>
    public (DocumentLedger Documents, IReadOnlyList<TableLedger> Tables) Correction()
    {
        var byDocument = Documents with { };
        byDocument.Add(written, -1);
        var byTable = Tables;
        foreach (var table in byTable)
            table.Add(writtenTables[table.Table.QualifiedName], -1);
        return (byDocument, byTable);
    }
}
