using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;

namespace Quality.Commands;

/// <summary><c>sync --follow</c>: one sync, and another whenever the source has something new. Each is a run with books of its own.</summary>
/// <param name="tell">Shown the result of every run.</param>
internal sealed class Following(Contract contract, IDocumentSource source, IReadOnlyList<Dataset> datasets, TimeProvider time, Action<SyncResult> tell)
{
    /// <summary>Also without a sign of anything new, since a watch may miss some, and not every source of a pipeline tells.</summary>
    static readonly TimeSpan AtLeastEvery = TimeSpan.FromMinutes(10);

    /// <summary>A file that was half-written is looked at again.</summary>
    static readonly TimeSpan WhilePending = TimeSpan.FromSeconds(30);

    static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    /// <exception cref="UsageException">The sources of a pipeline do not tell what is new.</exception>
    public static void Check(Contract contract)
    {
        if (contract.Servers.All(s => s.Kind is not (ServerKinds.Files or ServerKinds.RabbitMq)))
            throw new UsageException($"--follow is for event files and queues, which tell what is new; the source of '{contract.Pipeline}' does not. Leave it out, and run the command as often as you need it.");
    }

    /// <exception cref="InterruptedException">Always, at last: it ends by being stopped.</exception>
    public async Task RunAsync(Func<Task<SyncResult>> sync, string again, CancellationToken cancellation)
    {
        await source.WaitForNewsAsync(datasets, TimeSpan.Zero, cancellation); // what comes from here on is told
        while (true)
        {
            long began = time.GetTimestamp();
            var result = await sync();
            tell(result);
            try
            {
                // At most half of the time goes into syncing, however much comes.
                var took = time.GetElapsedTime(began);
                await Task.Delay(took > ShortestPause ? took : ShortestPause, time, cancellation);
                await source.WaitForNewsAsync(datasets, result.Effort.Pending > 0 ? WhilePending : AtLeastEvery, cancellation);
            }
            catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
            {
                string reason = $"Stopped. Run {result.Run} was the last, and everything that it read is durable; the next '{again}' goes on from there.";
                throw new InterruptedException(reason, e) { Document = new { pipeline = contract.Pipeline, run = result.Run, verdict = result.Verdict.Word(), interrupted = true, reason } };
            }
        }
    }
}
