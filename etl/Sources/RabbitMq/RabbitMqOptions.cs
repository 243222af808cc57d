using System.ComponentModel.DataAnnotations;

namespace Etl.Sources.RabbitMq;

/// <summary>Limits of reading from a RabbitMQ queue. Those that have a name in the address are taken from there where it names them.</summary>
public sealed record RabbitMqOptions
{
    /// <summary>Messages that the broker hands out before the first of them is acknowledged. They are held here, so with large messages fewer are better.</summary>
    /// <value>Messages. Default: 20,000, which is two full batches: one being loaded, one being read. Address: <c>prefetch</c>.</value>
    [Range(1, 65_535)]
    public int Prefetch { get; init; } = 20_000;

    /// <summary>How long a queue must stay empty to be drained; it is asked how many messages it has before it is believed.</summary>
    /// <value>Milliseconds. Default: 500. Address: <c>quiet</c>.</value>
    [Range(10, 600_000)]
    public int Quiet { get; init; } = 500;

    /// <summary>Where a publisher never pauses, draining ends so long after as many messages were read as were waiting when it began.</summary>
    /// <value>Seconds. Default: 60.</value>
    [Range(1, 86_400)]
    public int LongestDrain { get; init; } = 60;

    /// <summary>How long the first message of a batch waits for others.</summary>
    /// <value>Milliseconds. Default: 1,000.</value>
    [Range(1, 60_000)]
    public int LongestLinger { get; init; } = 1_000;

    /// <summary>How long a queue may say that it has messages and hand none out, before that is an error: another consumer may have it to itself.</summary>
    /// <value>Seconds. Default: 60.</value>
    [Range(1, 3_600)]
    public int LongestStall { get; init; } = 60;

    /// <summary>Go on waiting for messages when the queue is empty, until cancelled.</summary>
    /// <value>Default: false: the queue is drained.</value>
    public bool Follow { get; init; }

    /// <summary>How often the connection is checked in both directions; two missed checks are a lost connection.</summary>
    /// <value>Seconds. Default: 30. Address: <c>heartbeat</c>.</value>
    [Range(1, 3_600)]
    public int Heartbeat { get; init; } = 30;

    /// <summary>How long a connection may take to be made, and the broker to answer a question.</summary>
    /// <value>Milliseconds. Default: 10,000. Address: <c>connection_timeout</c>.</value>
    [Range(100, 600_000)]
    public int ConnectTimeout { get; init; } = 10_000;

    /// <summary>How often in a row a connection is tried, and how many may be lost in reading one batch.</summary>
    /// <value>Times. Default: 8.</value>
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

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="UsageException">Everything that is out of its range.</exception>
    internal RabbitMqOptions Checked() => OptionRanges.Check(this, "RabbitMQ");
}
