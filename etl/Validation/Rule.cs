using Etl.Contracts;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>
/// One demand on one field's value, as a predicate over its bytes. The same object gates every document
/// and explains, through FluentValidation, why one was refused.
/// </summary>
/// <param name="name">What quarantine and reports call it: <c>required</c>, <c>type</c>, <c>maximum</c> …</param>
/// <param name="demand">Completes "must …".</param>
public abstract class Rule(string name, string demand)
{
    /// <summary>The type a missing value is given: no element has it.</summary>
    public const BsonType Missing = BsonType.EndOfDocument;

    public string Name { get; } = name;
    public string Demand { get; } = demand;

    /// <summary>A document that breaks it is loaded all the same, and counted.</summary>
    public bool Warns { get; internal set; }

    /// <param name="type">The value's type; <see cref="Missing"/> when the key is not there.</param>
    /// <param name="value">The value's bytes, as <see cref="BsonReader.Value"/> gives them.</param>
    public abstract bool Allows(BsonType type, ReadOnlySpan<byte> value);

    protected static bool IsNothing(BsonType type) => type is Missing or BsonType.Null or BsonType.Undefined;

    public override string ToString() => Name;
}
