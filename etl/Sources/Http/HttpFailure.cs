namespace Etl.Sources.Http;

/// <summary>An attempt that failed.</summary>
/// <param name="problem">What happened, without the address.</param>
/// <param name="isPassing">Whether it may go well when it is tried again.</param>
internal sealed class HttpFailure(string problem, bool isPassing, Exception? cause = null) : Exception(problem, cause)
{
    public bool IsPassing { get; } = isPassing;

    public bool TimedOut { get; init; }

    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
