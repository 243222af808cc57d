namespace Etl.Flattening;

/// <summary>Whether a value can stand in its column unaltered; if not, why.</summary>
public enum Fit
{
    Fits,

    /// <summary>A type that the column cannot hold.</summary>
    WrongType,

    /// <summary>Text with a NUL, which PostgreSQL's text cannot hold.</summary>
    ContainsNul,

    NotUtf8,

    /// <summary>A number or date outside the column's range.</summary>
    OutOfRange,

    /// <summary>A number that the column would round.</summary>
    Inexact,

    /// <summary>A text or number that is no time of the form that the contract states.</summary>
    NoTime,

    /// <summary>A document that jsonb cannot hold: duplicate keys inside.</summary>
    DuplicateKey,
}
