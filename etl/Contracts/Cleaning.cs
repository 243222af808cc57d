using Etl.Documents;

namespace Etl.Contracts;

public enum LetterCase
{
    AsItIs,
    Lower,
    Upper,
}

/// <summary>What is done to one field's values before anything is demanded of them; the same when loading and when reconciling.</summary>
/// <remarks>In this order: a missing or null value becomes the default; a text is trimmed; a null word becomes null; letters change case.</remarks>
public sealed record Cleaning
{
    /// <summary>White space at both ends of a text is taken away.</summary>
    public bool Trim { get; init; }

    public LetterCase Case { get; init; }

    /// <summary>Texts that mean nothing: they become null, whatever their case and the white space around them.</summary>
    public IReadOnlyList<string> NullWords { get; init; } = [];

    /// <summary>Stands for a value that is missing or null; not for a null word. The value as BSON has it.</summary>
    public (BsonType Type, byte[] Value)? Default { get; init; }
}
