namespace Etl.Contracts;

/// <summary>The SQL that makes a table: its columns from the contract, then Quality's own.</summary>
public static class TableSql
{
    /// <summary>Quality's columns. They may be NULL, so that a row written by hand can be judged instead of refused.</summary>
    public static readonly IReadOnlyList<(string Name, string Type)> OwnColumns =
        [("_hash", "uuid"), ("_version", "uuid"), ("_run_id", "bigint"), ("_loaded_at", "timestamptz")];

    public static string CreateSchema(Table table) => $"CREATE SCHEMA IF NOT EXISTS {Identifier.Quote(table.Schema)}";

    /// <summary>Statements that are safe to run again.</summary>
    public static IEnumerable<string> Create(Table table)
    {
        var columns = table.Columns.Select(c => $"{Identifier.Quote(c.Name)} {c.SqlType}{(c.IsKey ? " NOT NULL" : "")}")
            .Concat(OwnColumns.Select(c => $"{Identifier.Quote(c.Name)} {c.Type}"));
        yield return $"""
            CREATE TABLE IF NOT EXISTS {table.Sql} (
              {string.Join(",\n  ", columns)},
              PRIMARY KEY ({Names(table.Key)})
            )
            """;
        // Rows are looked up by their document: to compare, and to remove what its new version no longer has.
        bool keyBeginsWithDocument = table.DocumentKey.Select(c => c.Name).SequenceEqual(table.Key.Take(table.DocumentKey.Count).Select(c => c.Name));
        if (table.DocumentKey.Count > 0 && !keyBeginsWithDocument)
            yield return $"CREATE INDEX IF NOT EXISTS {Identifier.Quote(IndexName(table))} ON {table.Sql} ({Names(table.DocumentKey)})";
    }

    static string IndexName(Table table) => Identifier.Fit($"{table.Name}_by_document");

    public static string Names(IEnumerable<Column> columns, string prefix = "") => Identifier.QuoteAll(columns.Select(c => c.Name), prefix);
}
