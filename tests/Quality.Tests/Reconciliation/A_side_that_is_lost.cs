using Etl;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>Whatever step a connection is lost at, nothing is known: it is never a verdict that was come to with half of the data.</summary>
[Trait("Category", "Long")]
public sealed class A_side_that_is_lost
{
    const string Database = "side_lost";

    static Task<SyncedCommunity> StartAsync() => SyncedCommunity.StartAsync(Database, SmallContract.Write(), async c =>
    {
        await c.CommandAsync(w => w.Write("create", "blank"));
        await c.InsertAsync("keys", [.. Enumerable.Range(0, 60).Select(i => Bson.Make(w => w.Write("_id", i)))]);
    });

    public static TheoryData<string> Ways => ["everything", "in flight", "a sample"];

    static ReconcileOptions Options(string way) => way switch
    {
        "in flight" => new ReconcileOptions { Settle = TimeSpan.FromSeconds(30) },
        "a sample" => new ReconcileOptions { Budget = new Budget(null, long.MaxValue), SmallestSegment = 20, Settle = TimeSpan.FromSeconds(30) },
        _ => new ReconcileOptions(),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Is_unknown_wherever_the_warehouse_goes(string way)
    {
        await using var community = await StartAsync();
        await community.ExecuteAsync("DELETE FROM small.keys WHERE id = 7");
        await using var proxy = PostgresProxy.Start(community.Database);
        await using var warehouse = new Warehouse(proxy.ConnectionString + ";Pooling=false");
        int cuts = 0;
        for (int n = 1; ; n++)
        {
            proxy.Arm(n, PostgresProxy.Boundaries);
            try
            {
                var result = await new Reconciler(community.Contract, community.Source, warehouse, new LeapingTime()).RunAsync(Options(way), CancellationToken.None);
                // The end of the run was written before the connection went.
                Assert.Equal((Verdict.Mismatched, (1L, 0L, 0L)), (result.Verdict, result.Of("keys").Counts()));
                if (!proxy.HasCut)
                    break;
            }
            catch (UnavailableException)
            {
                cuts++;
            }
        }
        Assert.True(cuts > 20, $"cut at {cuts} places only");
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.runs WHERE command = 'reconcile' AND verdict = 'reconciled'"));
        Assert.InRange(await community.ScalarAsync<long>("SELECT count(*) FROM quality.runs WHERE command = 'reconcile' AND verdict = 'mismatched'"), 1, 3);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Is_unknown_wherever_the_source_goes(string way)
    {
        await using var community = await StartAsync();
        await community.ExecuteAsync("DELETE FROM small.keys WHERE id = 7");
        int cuts = 0;
        for (int n = 0; ; n++)
        {
            var failing = new FailingSource(community.Source, n);
            try
            {
                var result = await new Reconciler(community.Contract, failing, community.Warehouse, new LeapingTime()).RunAsync(Options(way), CancellationToken.None);
                Assert.False(failing.HasFailed, $"step {n} failed, and there is a verdict: {result.Verdict}");
                Assert.Equal((1L, 0L, 0L), result.Of("keys").Counts());
                break;
            }
            catch (UnavailableException)
            {
                cuts++;
            }
        }
        Assert.True(cuts > 8, $"failed at {cuts} places only");
        Assert.Equal(["mismatched 1", $"unknown {cuts - 2}"], await community.ListAsync<string>("SELECT concat_ws(' ', verdict, count(*)) FROM quality.runs WHERE command = 'reconcile' GROUP BY verdict ORDER BY 1")); // two steps come before the run begins
    }

    /// <summary>Goes away at the nth thing that it is asked.</summary>
    sealed class FailingSource(IDocumentSource inner, int steps) : IDocumentSource
    {
        int left = steps;

        public bool HasFailed { get; private set; }

        void Step()
        {
            if (left-- > 0)
                return;
            HasFailed = true;
            throw new UnavailableException("The source was told to go away here.");
        }

        T Stepped<T>(T result)
        {
            Step();
            return result;
        }

        public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => Stepped(inner.DescribeAsync(cancellation));
        public Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation) => Stepped(inner.FindMissingAsync(datasets, cancellation));
        public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => Stepped(inner.EstimateAsync(dataset, cancellation));
        public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => Stepped(inner.SplitAsync(dataset, parts, cancellation));
        public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after) => new FailingScan(this, inner.Scan(dataset, range, after));
        public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) => new FailingScan(this, inner.Pick(dataset, positions));
        public SourceEffort Effort => inner.Effort;
        public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => inner.PositionOf(dataset, document);
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        sealed class FailingScan(FailingSource source, IDocumentScan inner) : IDocumentScan
        {
            public Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation) => source.Stepped(inner).ReadAsync(batch, cancellation);
            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
