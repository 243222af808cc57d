namespace Etl.Loading;

/// <summary>Which part of a table a piece of a scan speaks for. The keys themselves are in <see cref="MergeSql.Bounds"/>.</summary>
/// <param name="Low">The end below: the last document before the piece, or the first that its range may have.</param>
/// <param name="High">The end above: the last document of the piece, or the first behind its range.</param>
internal readonly record struct ScanBounds(Bound Low, Bound High)
{
    public string Condition(string column)
    {
        string low = Low switch
        {
            Bound.Exclusive => $"{column} > (SELECT low FROM {MergeSql.Bounds})",
            Bound.Inclusive => $"{column} >= (SELECT low FROM {MergeSql.Bounds})",
            _ => "true",
        };
        string high = High switch
        {
            Bound.Exclusive => $"{column} < (SELECT high FROM {MergeSql.Bounds})",
            Bound.Inclusive => $"{column} <= (SELECT high FROM {MergeSql.Bounds})",
            _ => "true",
        };
        return $"{low} AND {high}";
    }
}

internal enum Bound : byte
{
    /// <summary>There is no end: the table's own.</summary>
    None,
    Inclusive,
    Exclusive,
}
