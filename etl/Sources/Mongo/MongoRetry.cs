using Polly;
using Polly.Retry;

namespace Etl.Sources.Mongo;

/// <summary>Sends a read again that failed for a reason that passes: a bounded number of times, each pause about twice the last.</summary>
internal sealed class MongoRetry
{
    readonly ResiliencePipeline scans, commands;

    public MongoRetry(MongoOptions options)
    {
        var retries = new Retries(options.FirstPause, options.LongestPause, options.Seed, options.Time);
        scans = retries.Of(options.Attempts, Where(e => e.IsPassing));
        // A command that found no server has waited for one already; commands come first, and who mistyped a host need not wait longer.
        commands = retries.Of(options.Attempts, Where(e => e.IsPassing && e.Domain != MongoException.ServerSelectionDomain));
    }

    /// <exception cref="MongoException">The last attempt's.</exception>
    public async Task<T> CommandAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellation) =>
        await commands.ExecuteAsync(async token => await send(token), cancellation);

    /// <exception cref="MongoException">The last attempt's.</exception>
    public async Task ScanAsync(Func<CancellationToken, Task> read, CancellationToken cancellation) =>
        await scans.ExecuteAsync(async token => await read(token), cancellation);

    static RetryStrategyOptions Where(Func<MongoException, bool> passes) => new() { ShouldHandle = new PredicateBuilder().Handle(passes) };
}
