using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Etl.Sources.Http;

/// <summary>Which part of the network an address belongs to: what a server may send us to is not for the server alone to say.</summary>
internal static class HostAddress
{
    public enum Reach
    {
        Public,

        /// <summary>This machine, or a network behind which nobody else can see (RFC 1918, 4193, 6598).</summary>
        Private,

        /// <summary>This wire only (RFC 3927, 4291), where clouds keep their metadata; with them what is no host at all: multicast, reserved.</summary>
        LinkLocal,
    }

    public static Reach Of(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return OfV4(address.GetAddressBytes());
        byte[] bytes = address.GetAddressBytes();
        if (address.IsIPv4MappedToIPv6 || bytes.AsSpan(0, 12).SequenceEqual(Nat64) || bytes[..12].All(b => b == 0) && !address.Equals(IPAddress.IPv6Loopback) && !address.Equals(IPAddress.IPv6Any))
            return OfV4(bytes.AsSpan(12));
        if (bytes is [0x20, 0x02, ..]) // 6to4 wraps an IPv4 address
            return OfV4(bytes.AsSpan(2, 4));
        if (address.IsIPv6LinkLocal || address.IsIPv6Multicast)
            return Reach.LinkLocal;
        return IPAddress.IsLoopback(address) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal ? Reach.Private : Reach.Public;
    }

    static readonly byte[] Nat64 = [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0];

    static Reach OfV4(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes) switch
    {
        >= 0xA9FE_0000 and <= 0xA9FE_FFFF or >= 0xE000_0000 => Reach.LinkLocal, // 169.254/16; multicast and reserved
        <= 0x00FF_FFFF => Reach.Private, // 0/8: "this host"
        >= 0x0A00_0000 and <= 0x0AFF_FFFF => Reach.Private, // 10/8
        >= 0x6440_0000 and <= 0x647F_FFFF => Reach.Private, // 100.64/10
        >= 0x7F00_0000 and <= 0x7FFF_FFFF => Reach.Private, // 127/8
        >= 0xAC10_0000 and <= 0xAC1F_FFFF => Reach.Private, // 172.16/12
        >= 0xC0A8_0000 and <= 0xC0A8_FFFF => Reach.Private, // 192.168/16
        >= 0xC612_0000 and <= 0xC613_FFFF => Reach.Private, // 198.18/15
        _ => Reach.Public,
    };
}
