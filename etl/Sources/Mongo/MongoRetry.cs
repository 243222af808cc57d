using Polly;
using Polly.Retry;

namespace Etl.Sources.Mongo;

/// <summary>Sends a read again that failed for a reason that passes: a bounded number of times, each pause about twice the last.</summary>
internal sealed class MongoRetry
{
    readonly Lock gate = new();
    readonly Random random;
    readonly ResiliencePipeline scans, commands;

    public MongoRetry(MongoOptions options)
    {
        random = new Random(options.Seed);
        scans = Pipeline(options, e => e.IsPassing);
        // A command that found no server has waited for one already; commands come first, and who mistyped a host need not wait longer.
        commands = Pipeline(options, e => e.IsPassing && e.Domain != MongoException.ServerSelectionDomain);
    }

    /// <exception cref="MongoException">The last attempt's.</exception>
    public async Task<T> CommandAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellation) =>
        await commands.ExecuteAsync(async token => await send(token), cancellation);

    /// <exception cref="MongoException">The last attempt's.</exception>
    public async Task ScanAsync(Func<CancellationToken, Task> read, CancellationToken cancellation) =>
        await scans.ExecuteAsync(async token => await read(token), cancellation);

    ResiliencePipeline Pipeline(MongoOptions options, Func<MongoException, bool> passes) => options.Attempts == 1
        ? ResiliencePipeline.Empty
        : new ResiliencePipelineBuilder { TimeProvider = options.Time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle(passes),
            MaxRetryAttempts = options.Attempts - 1,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(options.FirstPause),
            MaxDelay = TimeSpan.FromMilliseconds(options.LongestPause),
            Randomizer = Next,
        }).Build();

    double Next()
    {
        lock (gate)
            return random.NextDouble();
    }
}
