using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>What the two ways of loading a batch share: a connection with its staging tables, and the batch as it was encoded.</summary>
internal sealed class LoadSession
{
    public LoadSession(NpgsqlConnection connection, Contract contract, Dataset dataset, Run run, TimeProvider time, Func<ReadOnlyMemory<byte>, byte[]> positionOf, QuarantineKeys keys)
    {
        (Connection, Dataset, Run, Time) = (connection, dataset, run, time);
        Merges = [.. dataset.Tables.Select(t => new MergeSql(t))];
        Encoder = new BatchEncoder(dataset, positionOf, keys);
        Copy = new RowCopy(connection);
        Writer = new TableWriter(connection, contract.Pipeline, run, time);
        Quarantine = new QuarantineWriter(contract.Pipeline, dataset, run, time);
        KeyColumn = BatchEncoder.KeyColumn(dataset);
        copyDocuments = $"COPY {MergeSql.Documents} ({Identifier.Quote(KeyColumn.Name)}, _hash, _doc, _accepted) FROM STDIN (FORMAT binary)";
    }

    readonly string copyDocuments;

    public NpgsqlConnection Connection { get; }
    public Dataset Dataset { get; }
    public Run Run { get; }
    public TimeProvider Time { get; }

    /// <summary>The statements of each of the dataset's tables.</summary>
    public MergeSql[] Merges { get; }

    public BatchEncoder Encoder { get; }
    public RowCopy Copy { get; }
    public TableWriter Writer { get; }
    public QuarantineWriter Quarantine { get; }

    /// <summary>The column that holds a document's key.</summary>
    public Column KeyColumn { get; }

    /// <summary>Whether tables that only hold rows stand there: nothing keeps a row from being written as it is sent.</summary>
    public bool IsPlain { get; private set; }

    /// <param name="firstLoad">The tables had no rows when the scan began; their keys may be yet to be made.</param>
    public async Task PrepareAsync(bool firstLoad, CancellationToken cancellation)
    {
        string key = $"{Identifier.Quote(KeyColumn.Name)} {KeyColumn.SqlType}";
        await Connection.RunAsync($"""
            DROP TABLE IF EXISTS pg_temp.{MergeSql.Documents}, pg_temp.{MergeSql.Changed}, pg_temp.{MergeSql.Bounds}{string.Concat(Merges.Select(m => $", pg_temp.{m.Stage}"))};
            CREATE TEMP TABLE {MergeSql.Documents} ({key}, _hash uuid, _doc integer, _accepted boolean) ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE {MergeSql.Changed} (_doc integer) ON COMMIT DELETE ROWS;
            CREATE TEMP TABLE {MergeSql.Bounds} (low {KeyColumn.SqlType}, high {KeyColumn.SqlType}) ON COMMIT DELETE ROWS;
            {string.Join("\n", Merges.Select(m => m.CreateStage + ";"))}
            """, cancellation);
        IsPlain = true;
        foreach (var (merge, table) in Merges.Zip(Dataset.Tables).Where(m => !m.Second.IsShared))
            IsPlain &= table.DocumentKey.Count == 1 && await Connection.ScalarAsync<bool>(merge.IsPlain(firstLoad), cancellation);
    }

    /// <summary>Says to the session which keys a piece of the scan lies between.</summary>
    public Task SetBoundsAsync(ReadOnlyMemory<byte> low, ReadOnlyMemory<byte> high, CancellationToken cancellation) =>
        Copy.BoundsAsync($"COPY {MergeSql.Bounds} FROM STDIN (FORMAT binary)", low, high, cancellation);

    /// <summary>Stages the keys of the batch's documents.</summary>
    public async Task StageDocumentsAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        await Copy.DocumentsAsync(copyDocuments, Encoder.Keys, number => Hash128.Of(batch[number]), cancellation);
        await Connection.RunAsync($"ANALYZE {MergeSql.Documents}", cancellation);
    }
}
