using Etl.Contracts;

namespace Chaos.Corruption;

/// <summary>A field with what its surroundings make of it.</summary>
/// <param name="IsDocumentKey">Part of the document's key, or its <c>_id</c>: left alone, or nobody could tell whose document it was.</param>
/// <param name="IsLoaded">Whenever the field is there, a row with its column is made: only then must its value fit the column.</param>
/// <param name="IsShared">Inside a dimension that other documents repeat.</param>
sealed record DescribedField(Field Field, bool IsDocumentKey, bool IsLoaded, bool IsShared, IReadOnlyList<DescribedField> Children)
{
    public IEnumerable<DescribedField> SelfAndInside => Children.SelectMany(c => c.SelfAndInside).Prepend(this);

    public static IReadOnlyList<DescribedField> Of(Dataset dataset) => Of(dataset, dataset.Root.Children, 0, false);

    static IReadOnlyList<DescribedField> Of(Dataset dataset, IReadOnlyList<Field> fields, int scope, bool shared) => [.. fields.Select(field => new DescribedField(
        field,
        dataset.Key.Contains(field) || field.Path == "_id",
        field.Column is not null && dataset.Tables.Any(table => table.Scope == scope && Encloses(table.Source, field)
            && table.Columns.Any(c => c.Field?.Path == field.Path && c.Scope == scope)),
        shared,
        Of(dataset, field.Children, field.Kind == FieldKind.Rows ? scope + 1 : scope, shared || field.IsShared)))];

    static bool Encloses(Field source, Field field) =>
        source.Path.Length == 0 || field.Path.StartsWith(source.Path + (source.Kind == FieldKind.Rows ? "[]." : "."), StringComparison.Ordinal);
}
