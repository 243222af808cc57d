using System.ComponentModel.DataAnnotations;

namespace Etl.Sources.Mongo;

/// <summary>Limits of reading from a MongoDB. Those that MongoDB URIs know are taken from the URI where it names them.</summary>
public sealed record MongoOptions
{
    /// <summary>How long a server may be silent before the connection is taken for lost; a cancelled read returns at once, its connection after this time at most.</summary>
    /// <value>Milliseconds. Default: 120,000. URI: <c>socketTimeoutMS</c>.</value>
    [Range(100, 3_600_000)]
    public int SocketTimeout { get; init; } = 120_000;

    /// <summary>How long a connection may take to be made.</summary>
    /// <value>Milliseconds. Default: 10,000. URI: <c>connectTimeoutMS</c>.</value>
    [Range(100, 600_000)]
    public int ConnectTimeout { get; init; } = 10_000;

    /// <summary>How long to look for a server that may be read from, each time one is needed.</summary>
    /// <value>Milliseconds. Default: 5,000. URI: <c>serverSelectionTimeoutMS</c>.</value>
    [Range(100, 600_000)]
    public int ServerSelectionTimeout { get; init; } = 5_000;

    /// <summary>How long the server may work on a single command (a count, a sample, a list); scans are not limited: a cursor may live for hours.</summary>
    /// <value>Milliseconds. Default: 30,000.</value>
    [Range(100, 3_600_000)]
    public int OperationTimeout { get; init; } = 30_000;

    /// <summary>Connections at the same time. Every scan holds one until it is closed; a command takes one for as long as it runs.</summary>
    /// <value>Connections. Default: 32. URI: <c>maxPoolSize</c>.</value>
    [Range(1, 1_000)]
    public int MaxConnections { get; init; } = 32;

    /// <summary>How long to wait for a connection while all are in use.</summary>
    /// <value>Milliseconds. Default: 60,000. URI: <c>waitQueueTimeoutMS</c>.</value>
    [Range(100, 3_600_000)]
    public int MaxWaitForConnection { get; init; } = 60_000;

    /// <summary>How often in a row a read is sent that fails for a reason that passes. Every document that arrives begins a new row.</summary>
    /// <value>Times. Default: 8, which outlasts an election. 1: nothing is sent again by us; the driver still retries a read once.</value>
    [Range(1, 100)]
    public int Attempts { get; init; } = 8;

    /// <summary>The pause before the second attempt; it doubles with each, and a random part of it is taken off or added.</summary>
    /// <value>Milliseconds. Default: 200.</value>
    [Range(1, 60_000)]
    public int FirstPause { get; init; } = 200;

    /// <value>Milliseconds. Default: 10,000.</value>
    [Range(1, 600_000)]
    public int LongestPause { get; init; } = 10_000;

    /// <summary>Of the random part of pauses.</summary>
    /// <value>Default: 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Of pauses, not of time-outs: those are the driver's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="UsageException">Everything that is out of its range.</exception>
    internal MongoOptions Checked() => OptionRanges.Check(this, "MongoDB");
}
