namespace Etl.Contracts;

/// <summary>What a contract demands of one field's values, beyond its type. Null: no demand.</summary>
public sealed record Constraints
{
    public static readonly Constraints None = new();

    /// <summary>The value is there and not null.</summary>
    public bool Required { get; init; }

    /// <summary>The key is there; its value may be null.</summary>
    public bool MustExist { get; init; }

    /// <summary>Bounds of a number, as the contract writes them.</summary>
    public decimal? Minimum { get; init; }
    public decimal? Maximum { get; init; }
    public decimal? ExclusiveMinimum { get; init; }
    public decimal? ExclusiveMaximum { get; init; }

    /// <summary>A number is a whole multiple of this, which is more than 0.</summary>
    public decimal? MultipleOf { get; init; }

    /// <summary>Bounds of a date, inclusive; dates have whole milliseconds.</summary>
    public DateTimeOffset? Earliest { get; init; }
    public DateTimeOffset? Latest { get; init; }

    /// <summary>Lengths of a text, in Unicode code points, as JSON Schema counts them.</summary>
    public int? MinLength { get; init; }
    public int? MaxLength { get; init; }

    /// <summary>An unanchored regular expression, run by .NET's non-backtracking engine.</summary>
    public string? Pattern { get; init; }

    public string? Format { get; init; }

    /// <summary>Another pattern, which a quality rule demands.</summary>
    public string? ValidPattern { get; init; }

    public IReadOnlyList<string>? ValidValues { get; init; }

    public int? MinItems { get; init; }
    public int? MaxItems { get; init; }

    /// <summary>No element of an array stands twice; 1 and 1.0 are one.</summary>
    public bool UniqueItems { get; init; }

    /// <summary>How many keys an object has, described or not.</summary>
    public int? MinProperties { get; init; }
    public int? MaxProperties { get; init; }

    /// <summary>Keys that an object has whose inside is not described: one that is kept as jsonb. Elsewhere the fields themselves say so.</summary>
    public IReadOnlyList<string> MustHave { get; init; } = [];
}
