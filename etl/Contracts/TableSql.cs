namespace Etl.Contracts;

/// <summary>The SQL that makes a table: its columns from the contract, then Quality's own.</summary>
public static class TableSql
{
    /// <summary>Quality's columns. They may be NULL, so that a row written by hand can be judged instead of refused.</summary>
    public static IReadOnlyList<(string Name, string Type)> OwnColumns(Table table)
    {
        List<(string, string)> columns = [.. table.IsDerived ? Always[2..] : Always];
        if (table.DeletesSoftly)
            columns.Add((DeletedAt, "timestamptz"));
        if (table.InsertedAt is { } column)
            columns.Add((column, "timestamptz"));
        return columns;
    }

    /// <summary>PostgreSQL itself says when a row was inserted: no statement names the column.</summary>
    static string DefaultOf(Table table, string column) => column == table.InsertedAt ? " DEFAULT now()" : "";

    public static string AddColumn(Table table, string name, string type) => $"ALTER TABLE {table.Sql} ADD COLUMN {Identifier.Quote(name)} {type}{DefaultOf(table, name)}";

    static readonly (string Name, string Type)[] Always = [("_hash", "uuid"), ("_version", "uuid"), ("_run_id", "bigint"), ("_loaded_at", "timestamptz")];

    /// <summary>When a row's source was found gone; only where the contract says <c>deletes: soft</c>.</summary>
    public const string DeletedAt = "_deleted_at";

    public static string CreateSchema(Table table) => $"CREATE SCHEMA IF NOT EXISTS {Identifier.Quote(table.Schema)}";

    /// <summary>The table without its key, as a first load fills it; safe to run again.</summary>
    public static string CreateKeyless(Table table) => $"""
        CREATE TABLE IF NOT EXISTS {table.Sql} (
          {string.Join(",\n  ", table.Columns.Select(c => $"{Identifier.Quote(c.Name)} {c.SqlType}{(c.IsKey ? " NOT NULL" : "")}")
              .Concat(OwnColumns(table).Select(c => $"{Identifier.Quote(c.Name)} {c.Type}{DefaultOf(table, c.Name)}")))}
        )
        """;

    public static string AddKey(Table table) => $"ALTER TABLE {table.Sql} ADD PRIMARY KEY ({Names(table.Key)})";

    /// <summary>Rows are looked up by their document: to compare, and to remove what its new version no longer has. Null where the key begins with the document's.</summary>
    public static string? CreateIndex(Table table) =>
        table.DocumentKey.Count == 0 || table.DocumentKey.Select(c => c.Name).SequenceEqual(table.Key.Take(table.DocumentKey.Count).Select(c => c.Name)) ? null
        : $"CREATE INDEX IF NOT EXISTS {Identifier.Quote(IndexName(table))} ON {table.Sql} ({Names(table.DocumentKey)})";

    /// <summary>The statements that make the table with its key and index.</summary>
    public static IEnumerable<string> Create(Table table) =>
        CreateIndex(table) is { } index ? [CreateKeyless(table), AddKey(table), index] : [CreateKeyless(table), AddKey(table)];

    /// <summary>Schema and name of <see cref="CreateIndex"/>'s index, quoted for SQL.</summary>
    public static string IndexSql(Table table) => $"{Identifier.Quote(table.Schema)}.{Identifier.Quote(IndexName(table))}";

    /// <summary>What a derived table is made by: the events of an entity in their order, and the rows of an entity. Each with its name, quoted for SQL.</summary>
    public static IEnumerable<(string Name, string Create)> IndexesOf(DerivedTable derived)
    {
        var order = derived.Order.Where(o => !derived.Entity.Contains(o)).Select(c => $"{Identifier.Quote(c.Name)} DESC NULLS LAST");
        yield return Index(derived.Events, Identifier.Fit($"{derived.Events.Name}_for_{derived.Table.Name}"), string.Join(", ", derived.Entity.Select(c => Identifier.Quote(c.Name)).Concat(order)));
        if (derived.IsHistory)
            yield return Index(derived.Table, Identifier.Fit($"{derived.Table.Name}_by_entity"), Names(derived.OwnEntity));
    }

    static (string, string) Index(Table table, string name, string columns) =>
        ($"{Identifier.Quote(table.Schema)}.{Identifier.Quote(name)}", $"CREATE INDEX IF NOT EXISTS {Identifier.Quote(name)} ON {table.Sql} ({columns})");

    static string IndexName(Table table) => Identifier.Fit($"{table.Name}_by_document");

    public static string Names(IEnumerable<Column> columns, string prefix = "") => Identifier.QuoteAll(columns.Select(c => c.Name), prefix);
}
