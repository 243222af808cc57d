using System.Text;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;

namespace Etl.Tests.Loading;

/// <summary>A queue of texts: what was handed out comes again until it is said to be durable, and then never.</summary>
sealed class QueueInMemory : IDocumentSource
{
    readonly List<byte[]> waiting = [];

    public IReadOnlyList<byte[]> Waiting => waiting;

    /// <summary>Batches to hand out before the connection is lost; null: never.</summary>
    public int? FailAfter { get; set; }

    public void Publish(params string[] bodies) => waiting.AddRange(bodies.Select(Encoding.UTF8.GetBytes));

    public void Publish(params Happening[] happenings) => Publish([.. happenings.Select(BodyOf)]);

    public static string BodyOf(Happening h) => h.IsBad ? "{\"meta\": tru" : $$"""{"meta": {"id": "{{h.Id}}", "at": "{{Happening.Time(h.At)}}"}, "who": {{h.Who}}, "says": "{{h.Says}}"}""";

    public bool IsTransient => true;

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => Task.FromResult(new SourceDescription("queue of the tests", null));

    public Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<MissingDataset>>([]);

    public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => Task.FromResult<long?>(waiting.Count);

    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<byte[]>>([]);

    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after) => new Reading(this);

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) => throw new InvalidOperationException("A queue cannot be read again.");

    public SourceEffort Effort => SourceEffort.None;

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class Reading(QueueInMemory queue) : IDocumentScan
    {
        readonly List<int> unsettled = [];
        readonly MessageReader reader = new();
        int next;

        public Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
        {
            batch.Clear();
            lock (queue.waiting)
            {
                if (next < queue.waiting.Count && queue.FailAfter is { } left && queue.FailAfter-- == 0)
                    throw new UnavailableException($"The queue went away after {left} more batches.");
                int first = next;
                for (; next < queue.waiting.Count && batch.HasRoomFor(queue.waiting[next].Length); next++)
                    Add(batch, queue.waiting[next]);
                if (next > first)
                    unsettled.Add(next - first);
            }
            return Task.FromResult(batch.Count > 0);
        }

        void Add(DocumentBatch batch, byte[] body)
        {
            batch.Position = MessageReader.PositionOf(body);
            if (reader.Read(body) is { } problem)
            {
                batch.AddRefused(body, MessageReader.MediaType, batch.Position, problem);
                return;
            }
            batch.Add(reader.Document);
            batch.SetOriginal(body, MessageReader.MediaType);
        }

        public Task CommittedAsync(CancellationToken cancellation)
        {
            lock (queue.waiting)
            {
                queue.waiting.RemoveRange(0, unsettled[0]);
                next -= unsettled[0];
                unsettled.RemoveAt(0);
            }
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
