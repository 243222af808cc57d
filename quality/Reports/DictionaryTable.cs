namespace Quality.Reports;

/// <summary>A table of the warehouse, as its contract describes it.</summary>
/// <param name="Kind"><c>root</c>, <c>nested</c>, <c>child</c> or <c>shared</c>.</param>
/// <param name="Path">What gives its rows, in the document; empty for the document itself.</param>
/// <param name="Rows">As they were last counted; null: never.</param>
/// <param name="NotLoaded">Paths that are described and checked, and become no column; with the dataset's first table.</param>
public sealed record DictionaryTable(
    string Dataset, string Schema, string Table, string Kind, string Path, string Description, long? Rows,
    IReadOnlyList<DictionaryColumn> Columns, IReadOnlyList<string> NotLoaded)
{
    /// <summary>The run that last read the table, and counted what is NULL in it; null: none did.</summary>
    public long? NullsOf { get; init; }

    public string Name => $"{Schema}.{Table}";
}
