namespace Etl.Sources.Mongo;

/// <summary>An error that the driver or the server reports.</summary>
/// <param name="domain">The driver's domain: 1 client, 2 stream, 3 protocol, 11 command or URI, 15 server selection, 17 the server itself.</param>
/// <param name="code">The driver's code; the server's where the domain is the server's.</param>
/// <param name="message">Without secrets.</param>
/// <param name="labels">Error labels of the server's reply: <c>RetryableWriteError</c>, <c>ResumableChangeStreamError</c> …</param>
public sealed class MongoException(uint domain, uint code, string message, IReadOnlyList<string>? labels = null) : Exception(message)
{
    internal const uint ClientDomain = 1, StreamDomain = 2, ProtocolDomain = 3, ServerSelectionDomain = 15, ServerDomain = 17;
    internal const uint InvalidReply = 14;
    const uint NameResolution = 3, AuthenticationFailed = 11, BadWireVersion = 15;
    const uint Unauthorized = 13, ServerAuthenticationFailed = 18, ReadConcernMajorityNotEnabled = 148, NotAReplicaSet = 123;

    /// <summary>
    /// Codes of the server after which the same read may succeed: the retryable ones of MongoDB's drivers specification, a cursor that is gone
    /// or was killed, and time-outs. QueryPlanKilled is not among them: the collection was dropped or renamed under the cursor.
    /// </summary>
    static readonly HashSet<uint> Passing =
    [
        6, // HostUnreachable
        7, // HostNotFound
        24, // LockTimeout
        43, // CursorNotFound
        50, // MaxTimeMSExpired
        89, // NetworkTimeout
        91, // ShutdownInProgress
        112, // WriteConflict
        133, // FailedToSatisfyReadPreference
        134, // ReadConcernMajorityNotAvailableYet
        189, // PrimarySteppedDown
        202, // NetworkInterfaceExceededTimeLimit
        237, // CursorKilled
        262, // ExceededTimeLimit
        317, // ConnectionPoolExpired
        384, // ConnectionError
        9001, // SocketException
        10107, // NotWritablePrimary
        11600, // InterruptedAtShutdown
        11601, // Interrupted
        11602, // InterruptedDueToReplStateChange
        13388, // StaleConfig
        13435, // NotPrimaryNoSecondaryOk
        13436, // NotPrimaryOrSecondary
    ];

    /// <summary>LockTimeout, MaxTimeMSExpired, NetworkTimeout, NetworkInterfaceExceededTimeLimit, ExceededTimeLimit.</summary>
    static readonly HashSet<uint> TimeOuts = [24, 50, 89, 202, 262];

    public uint Domain { get; } = domain;
    public uint Code { get; } = code;

    /// <summary>The server's name of the code: <c>CursorNotFound</c>; null for errors of the driver.</summary>
    public string? CodeName { get; init; }

    public IReadOnlyList<string> Labels { get; } = labels ?? [];

    /// <summary>The server that failed or refused, <c>host:port</c>; null when none was reached.</summary>
    public string? Host { get; init; }

    public bool IsFromServer => Domain == ServerDomain;

    /// <summary>The server could not be reached, or went away.</summary>
    public bool IsUnreachable => Domain is StreamDomain or ServerSelectionDomain;

    /// <summary>User, password or mechanism were not accepted.</summary>
    public bool IsRefusedLogin => Domain == ClientDomain && Code == AuthenticationFailed || IsFromServer && Code == ServerAuthenticationFailed;

    /// <summary>The user is known, but may not do this.</summary>
    public bool IsForbidden => IsFromServer && Code == Unauthorized;

    /// <summary>The other side's certificate is not trusted, or ours is not. The driver tells only in words.</summary>
    public bool IsUntrusted => !IsFromServer && (Message.Contains("TLS handshake failed", StringComparison.Ordinal) || Message.Contains("certificate", StringComparison.OrdinalIgnoreCase));

    /// <summary>The name of a host, or of the record that lists them, leads nowhere.</summary>
    public bool IsUnknownName => Domain == StreamDomain && Code == NameResolution || !IsFromServer && Message.Contains("Failed to resolve", StringComparison.Ordinal);

    /// <summary>Driver and server have no version of the protocol in common.</summary>
    public bool IsForeignVersion => Domain == ProtocolDomain && Code == BadWireVersion;

    /// <summary>A reply that is not what the protocol says.</summary>
    public bool IsBrokenReply => Domain == ProtocolDomain && Code == InvalidReply;

    /// <summary>The server has no majority read concern to give.</summary>
    public bool IsWithoutMajority => IsFromServer && Code is ReadConcernMajorityNotEnabled or NotAReplicaSet;

    public bool IsTimeOut => Domain == ServerSelectionDomain || IsTimeOutCode(Domain, Code);

    /// <summary>The same read may succeed when it is sent again.</summary>
    public bool IsPassing => Passes(Domain, Code) && !IsUntrusted;

    internal static bool Passes(uint domain, uint code) => domain switch
    {
        StreamDomain or ServerSelectionDomain => true,
        ProtocolDomain => code == InvalidReply,
        ServerDomain => Passing.Contains(code),
        _ => false,
    };

    internal static bool IsTimeOutCode(uint domain, uint code) => domain == ServerDomain && TimeOuts.Contains(code);
}
