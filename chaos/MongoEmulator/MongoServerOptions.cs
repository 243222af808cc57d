using System.Net;
using System.Security.Cryptography.X509Certificates;
using Chaos.MongoEmulator.Authentication;

namespace Chaos.MongoEmulator;

/// <summary>Where a <see cref="MongoServer"/> listens and what it keeps.</summary>
public sealed record MongoServerOptions
{
    /// <value>Default: 127.0.0.1, reachable from this machine alone.</value>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <value>Default: 0, any free port. Range: 0 to 65535.</value>
    public int Port { get; init; }

    /// <value>Default: null, documents live in memory and die with the server.</value>
    public string? DataFolder { get; init; }

    /// <summary>Who may log in, by SCRAM-SHA-256 in the database <c>admin</c>.</summary>
    /// <value>Default: none, and everybody may do everything without. Names are unique.</value>
    public IReadOnlyList<MongoUser> Users { get; init; } = [];

    /// <summary>With its private key. Every client must then speak TLS and gets this certificate shown; none is asked for its own.</summary>
    /// <value>Default: null, no TLS.</value>
    public X509Certificate2? Certificate { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Of uuids, cursor ids and the ObjectIds that the server makes.</summary>
    /// <value>Default: 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Gets one line for what an operator should know: a torn log cut, a connection closed for what it sent.</summary>
    /// <value>Default: nobody listens.</value>
    public Action<string> Log { get; init; } = static _ => { };
}
