using System.Net;
using System.Net.Sockets;
using Chaos.MongoEmulator.Authentication;

namespace Chaos.MongoEmulator.Wire;

/// <summary>Who is at the other end of one connection, and what is known of them so far.</summary>
sealed class Peer(int connectionId, IPEndPoint local)
{
    public int ConnectionId => connectionId;

    /// <summary>What the client called itself in its first hello.</summary>
    public string? AppName { get; set; }

    public Login Login { get; } = new();

    /// <summary>The address that hello names as host: this server's, as this client reached it and will find it again.</summary>
    public string Host => (local.Address.IsIPv4MappedToIPv6 ? local.Address.MapToIPv4() : local.Address) is { AddressFamily: AddressFamily.InterNetworkV6 } six
        ? $"[{six}]:{local.Port}"
        : $"{local.Address.MapToIPv4()}:{local.Port}";
}
