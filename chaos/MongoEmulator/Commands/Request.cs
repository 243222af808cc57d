using Chaos.MongoEmulator.Wire;

namespace Chaos.MongoEmulator.Commands;

/// <summary>A command as a handler gets it: what concerns every command has been taken out of its arguments.</summary>
sealed record Request(string Database, Arguments Arguments, Peer Peer)
{
    /// <summary>The lsid that the client sent, in hexadecimal.</summary>
    public string? Session { get; init; }

    /// <summary>Running; a command that may take long checks it.</summary>
    public TimeLimit Limit { get; init; } = TimeLimit.None;

    /// <summary>Set while a retryable write runs.</summary>
    public long? TransactionNumber { get; init; }

    public string Namespace(string collection) => $"{Database}.{collection}";
}
