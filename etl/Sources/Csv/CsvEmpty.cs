namespace Etl.Sources.Csv;

/// <summary>What a value without characters stands for.</summary>
public enum CsvEmpty
{
    /// <summary>As PostgreSQL's COPY takes it: nothing between two commas is null, two quotes are an empty text.</summary>
    UnquotedIsNull,

    /// <summary>Null in both forms, as programs write it that quote everything.</summary>
    IsNull,

    /// <summary>An empty text in both forms.</summary>
    IsText,
}
