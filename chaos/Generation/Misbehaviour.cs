namespace Chaos.Generation;

/// <summary>What the product's API does to a request.</summary>
public enum Misbehaviour
{
    /// <summary>429 with Retry-After.</summary>
    TooMany,

    /// <summary>500.</summary>
    Error,

    /// <summary>502 with a page for people.</summary>
    HtmlPage,

    /// <summary>A body that comes in pieces with pauses.</summary>
    Slow,

    /// <summary>A body that breaks off.</summary>
    Cut,

    None,
}
