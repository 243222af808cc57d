namespace Chaos.Corruption;

/// <summary>What is done at one place of a document.</summary>
/// <param name="Value">The new value; null with <paramref name="IsRepeated"/> false: the element is taken out.</param>
readonly record struct Change(BsonValue? Value, bool IsRepeated = false)
{
    public static readonly Change Remove = default, Repeat = new(null, true);

    public byte[] At(ReadOnlySpan<byte> document, IReadOnlyList<PathStep> path) =>
        Value is not null ? DocumentEditor.Set(document, path, Value)
        : IsRepeated ? DocumentEditor.Repeat(document, path)
        : DocumentEditor.Remove(document, path);
}
