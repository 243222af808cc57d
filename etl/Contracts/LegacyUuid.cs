namespace Etl.Contracts;

/// <summary>The order in which a driver wrote the bytes of a UUID as binary of subtype 3, before subtype 4 settled it. The value itself does not tell.</summary>
public enum LegacyUuid
{
    /// <summary>Nobody said: subtype 3 is no uuid.</summary>
    None,

    /// <summary>.NET's Guid: the first three groups little-endian.</summary>
    CSharp,

    /// <summary>Two 64-bit numbers, each little-endian.</summary>
    Java,

    /// <summary>As in subtype 4.</summary>
    Python,
}
