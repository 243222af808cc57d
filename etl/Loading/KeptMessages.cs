using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>What was taken out of a source that cannot be read again, as it is kept in the warehouse, in the order in which it came.</summary>
public sealed class KeptMessages(Warehouse warehouse, string pipeline) : IDocumentSource
{
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
        new MessageScan(warehouse, "hash = ANY ($3) ORDER BY id", pipeline, dataset.Name, positions.Select(p => HashOf(p) ?? Guid.Empty).ToArray());

    /// <summary>What the position in front of a document says; null: it is no hash of a message.</summary>
    internal static Guid? HashOf(ReadOnlySpan<byte> document)
    {
        if (document.Length <= BsonReader.SmallestDocument)
            return null;
        var reader = new BsonReader(document);
        return reader.Read() && reader.Type == BsonType.Binary && reader.BinaryBytes.Length == Hash128.Size ? Hash128.Read(reader.BinaryBytes).ToGuid() : null;
    }

    public SourceEffort Effort => SourceEffort.None;

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    /// <summary>The position of a message: the hash of its body.</summary>
    public static byte[] PositionOf(Hash128 hash) => Bson.Make(w => w.WriteBinary("_id", hash.ToGuid().ToByteArray(bigEndian: true)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class MessageScan(Warehouse warehouse, string condition, params object[] parameters) : IDocumentScan
    {
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
                var hash = Hash128.Read(rows.Current.GetGuid(0).ToByteArray(bigEndian: true));
                Add(batch, hash, body, rows.Current.GetString(2), rows.Current.IsDBNull(3) ? null : rows.Current.GetString(3));
                batch.Position = PositionOf(hash);
            }
            return batch.Count > 0;
        }

        static void Add(DocumentBatch batch, Hash128 hash, byte[] body, string mediaType, string? refused)
        {
            if (refused is not null)
                batch.AddRefused(body, mediaType, PositionOf(hash), refused);
            else if (mediaType == "application/bson")
                batch.Add(body);
            else
                batch.Add(WithPosition(hash, body));
        }

        /// <summary>As the message became a document when it was taken out of its source.</summary>
        static byte[] WithPosition(Hash128 hash, byte[] body)
        {
            byte[] document = ExtendedJson.Parse(body, ExtendedJsonOptions.PlainJson);
            return Bson.Make(w =>
            {
                w.WriteBinary("_id", hash.ToGuid().ToByteArray(bigEndian: true));
                for (var reader = new BsonReader(document); reader.Read();)
                    w.WriteRaw(reader.Type, reader.NameUtf8.SequenceEqual("_id"u8) ? "_source_id" : reader.Name, reader.Value.ToArray());
            });
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
