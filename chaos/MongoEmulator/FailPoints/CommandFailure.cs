namespace Chaos.MongoEmulator.FailPoints;

/// <summary>
/// What <see cref="FailCommand"/> does to the commands it applies to: mongod's <c>data</c>. Several at once are done in the order
/// block, close, error; a write concern's error comes after the command has been carried out.
/// </summary>
public sealed record CommandFailure
{
    /// <summary>Names of commands as clients send them (<c>find</c>, <c>getMore</c>, <c>hello</c>…), or <c>all</c>. Never applies to configureFailPoint.</summary>
    public required IReadOnlyList<string> Commands { get; init; }

    /// <value>Default: null, no error.</value>
    public int? ErrorCode { get; init; }

    /// <value>Default: null, the labels that the server gives such an error by itself. Empty: none.</value>
    public IReadOnlyList<string>? ErrorLabels { get; init; }

    /// <summary>Closes the connection in place of an answer.</summary>
    public bool CloseConnection { get; init; }

    /// <summary>Waits that long first; a command whose maxTimeMS ends sooner fails with MaxTimeMSExpired (50).</summary>
    /// <value>Default: zero.</value>
    public TimeSpan Block { get; init; }

    /// <summary>Only for clients that gave themselves this name in their handshake.</summary>
    /// <value>Default: null, for all.</value>
    public string? AppName { get; init; }

    /// <summary>Only for commands on this <c>database.collection</c>.</summary>
    /// <value>Default: null, for all.</value>
    public string? Namespace { get; init; }

    /// <summary>A BSON document <c>{code, errmsg, …}</c> that the answer carries as <c>writeConcernError</c>, of a command that did its work.</summary>
    /// <value>Default: null.</value>
    public byte[]? WriteConcernError { get; init; }

    internal bool FailsBefore => CloseConnection || ErrorCode != null || Block > TimeSpan.Zero;

    internal bool AppliesTo(string command, string? appName, string? @namespace) =>
        (AppName == null || AppName == appName)
        && (Namespace == null || Namespace == @namespace)
        && command != "configureFailPoint"
        && Commands.Any(c => c == command || c == "all");
}
