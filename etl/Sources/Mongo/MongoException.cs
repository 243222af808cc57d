namespace Etl.Sources.Mongo;

/// <summary>An error that the driver or the server reports.</summary>
/// <param name="domain">The driver's domain: 1 client, 2 stream, 11 command or URI, 15 server selection, 17 the server itself.</param>
/// <param name="code">The driver's code; the server's where the domain is the server's.</param>
/// <param name="labels">Error labels of the server's reply: <c>RetryableWriteError</c>, <c>ResumableChangeStreamError</c> …</param>
public sealed class MongoException(uint domain, uint code, string message, IReadOnlyList<string> labels) : Exception(message)
{
    const uint ClientDomain = 1, StreamDomain = 2, ServerSelectionDomain = 15, ServerDomain = 17;
    const uint AuthenticationFailed = 11, ServerAuthenticationFailed = 18, Unauthorized = 13;

    public uint Domain { get; } = domain;
    public uint Code { get; } = code;
    public IReadOnlyList<string> Labels { get; } = labels;

    public bool IsFromServer => Domain == ServerDomain;

    /// <summary>The server could not be reached, or went away.</summary>
    public bool IsUnreachable => Domain is StreamDomain or ServerSelectionDomain;

    public bool IsRefusedLogin => Domain == ClientDomain && Code == AuthenticationFailed
        || IsFromServer && Code is ServerAuthenticationFailed or Unauthorized;
}
