using System.Net;

namespace Chaos.MongoEmulator.Wire;

/// <summary>Where a request comes in: the connection's number, and this server's address as that client reached it.</summary>
sealed record Peer(int ConnectionId, IPEndPoint Local)
{
    /// <summary>The address that hello names as host: one under which this client finds the server again.</summary>
    public string Host => (Local.Address.IsIPv4MappedToIPv6 ? Local.Address.MapToIPv4() : Local.Address) is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } six
        ? $"[{six}]:{Local.Port}"
        : $"{Local.Address.MapToIPv4()}:{Local.Port}";
}
