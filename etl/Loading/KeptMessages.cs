using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>What was taken out of a source that cannot be read again, as it is kept in the warehouse, in the order in which it came.</summary>
public sealed class KeptMessages(Warehouse warehouse, string pipeline) : IDocumentSource
{
    /// <summary>What a dataset can be read from again: its source, or what was kept of one that cannot.</summary>
    public static IDocumentSource InPlaceOf(IDocumentSource source, Dataset dataset, Warehouse warehouse, string pipeline) =>
        source.SourceOf(dataset) is { IsTransient: false } origin ? origin : new KeptMessages(warehouse, pipeline);

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) =>
        Task.FromResult(new SourceDescription($"messages of {pipeline} as they are kept in the warehouse: their source cannot be read again", null));

    public Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<MissingDataset>>([]);

    public async Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        return await connection.ScalarAsync<long>("SELECT count(*) FROM quality.messages WHERE pipeline = $1 AND dataset = $2", cancellation, pipeline, dataset.Name);
    }

    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<byte[]>>([]);

    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after) => new MessageScan(warehouse, "id > $3 ORDER BY id", pipeline, dataset.Name, 0L);

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) =>
        new MessageScan(warehouse, "hash = ANY ($3) ORDER BY id", pipeline, dataset.Name, positions.Select(p => MessageReader.HashOf(p)?.ToGuid() ?? Guid.Empty).ToArray());

    public SourceEffort Effort => SourceEffort.None;

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class MessageScan(Warehouse warehouse, string condition, params object[] parameters) : IDocumentScan
    {
        readonly MessageReader reader = new();
        NpgsqlConnection? connection;
        IAsyncEnumerator<NpgsqlDataReader>? rows;
        bool hasRow;

        public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
        {
            batch.Clear();
            if (rows is null)
            {
                connection = await warehouse.OpenAsync(cancellation);
                rows = connection.RowsAsync($"SELECT hash, body, media_type, refused FROM quality.messages WHERE pipeline = $1 AND dataset = $2 AND {condition}", cancellation, parameters).GetAsyncEnumerator(cancellation);
                hasRow = await rows.MoveNextAsync();
            }
            for (; hasRow; hasRow = await rows.MoveNextAsync())
            {
                byte[] body = rows.Current.GetFieldValue<byte[]>(1);
                if (!batch.HasRoomFor(body.Length))
                    break;
                byte[] position = MessageReader.PositionOf(Hash128.Read(rows.Current.GetGuid(0).ToByteArray(bigEndian: true)));
                Add(batch, position, body, rows.Current.GetString(2), rows.Current.IsDBNull(3) ? null : rows.Current.GetString(3));
                batch.Position = position;
            }
            return batch.Count > 0;
        }

        /// <summary>As it came out of its source.</summary>
        void Add(DocumentBatch batch, byte[] position, byte[] body, string mediaType, string? refused)
        {
            if (refused is not null)
                batch.AddRefused(body, mediaType, position, refused);
            else if (mediaType != MessageReader.MediaType)
                batch.Add(body);
            else if (reader.Read(body) is { } problem)
                batch.AddRefused(body, mediaType, position, problem); // a later version of this program may be stricter
            else
                batch.Add(reader.Document);
        }

        public async ValueTask DisposeAsync()
        {
            if (rows is not null)
                await rows.DisposeAsync();
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }
}
