namespace Etl.Documents;

/// <summary>How JSON text becomes BSON.</summary>
public sealed record ExtendedJsonOptions
{
    /// <summary>Extended JSON as it comes from outside: type wrappers are read, bare fractions are kept exactly, as Decimal128.</summary>
    public static readonly ExtendedJsonOptions Exact = new();

    /// <summary>As MongoDB's own tools read relaxed Extended JSON: bare fractions, and whole numbers beyond 64 bits, are doubles.</summary>
    public static readonly ExtendedJsonOptions Relaxed = new() { FractionsAreDoubles = true };

    /// <summary>Whether a bare number with a fraction or exponent is a double, rounded to the nearest; else it is a Decimal128, exactly, or an error.</summary>
    /// <value>Default: false.</value>
    public bool FractionsAreDoubles { get; init; }
}
