using Polly;
using Polly.Retry;

namespace Etl.Sources;

/// <summary>The pauses between attempts at a source: each about twice the last, a random part taken off or added. Used from several threads.</summary>
/// <param name="firstPause">Milliseconds.</param>
/// <param name="longestPause">Milliseconds.</param>
/// <param name="seed">Of the random part.</param>
internal sealed class Retries(int firstPause, int longestPause, int seed, TimeProvider time)
{
    readonly Lock gate = new();
    readonly Random random = new(seed);

    /// <param name="attempts">All together, from 1 on.</param>
    /// <param name="strategy">What is tried again, and who is told; the rest is filled in.</param>
    public ResiliencePipeline Of(int attempts, RetryStrategyOptions strategy)
    {
        if (attempts == 1)
            return ResiliencePipeline.Empty;
        strategy.MaxRetryAttempts = attempts - 1;
        strategy.BackoffType = DelayBackoffType.Exponential;
        strategy.UseJitter = true;
        strategy.Delay = TimeSpan.FromMilliseconds(firstPause);
        strategy.MaxDelay = TimeSpan.FromMilliseconds(longestPause);
        strategy.Randomizer = Next;
        return new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(strategy).Build();
    }

    double Next()
    {
        lock (gate)
            return random.NextDouble();
    }
}
