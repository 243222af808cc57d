using Etl.Contracts;
using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>By what a differing row is known when it is looked at again.</summary>
/// <param name="Key">Hash of the row's key; of a document that gives no rows, of its position.</param>
/// <param name="Source">Hash of the row there; null: it is not there.</param>
/// <param name="Warehouse">Hash of the row there; null: it is not there.</param>
/// <param name="Documents">Keys of the documents that either side says it is of, as binary COPY fields; none: nobody knows.</param>
internal sealed record RowTrace(Hash128 Key, Hash128? Source, Hash128? Warehouse, IReadOnlyList<byte[]> Documents)
{
    /// <summary>The keys of the documents that the sides of a row belong to.</summary>
    public static IReadOnlyList<byte[]> DocumentsOf(int keyColumn, ReadOnlySpan<byte> source, ReadOnlySpan<byte> warehouse)
    {
        if (keyColumn < 0)
            return [];
        var documents = new List<byte[]>(2);
        foreach (byte[] field in (byte[][])[source.IsEmpty ? [] : RowFields.At(source, keyColumn).ToArray(), warehouse.IsEmpty ? [] : RowFields.At(warehouse, keyColumn).ToArray()])
            if (field.Length > 0 && !RowFields.IsNull(field) && !documents.Any(d => d.AsSpan().SequenceEqual(field)))
                documents.Add(field);
        return documents;
    }
}

/// <summary>A row of a table by the hash of its key.</summary>
internal readonly record struct RowId(Table Table, Hash128 Key);
