using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.External;

/// <summary>A table that somebody else fills, as the server describes it: how its columns are read as the types that the mapping gives them.</summary>
internal sealed class ForeignTable
{
    const string NoZone = "timestamp without time zone", Date = "date";

    /// <summary>Types of the server that are read as one of ours without loss.</summary>
    static readonly Dictionary<ColumnType, string[]> Exact = new()
    {
        [ColumnType.Text] = ["text", "character varying", "character", "name", "citext", "uuid", "enum"],
        [ColumnType.Boolean] = ["boolean"],
        [ColumnType.Integer] = ["integer", "smallint"],
        [ColumnType.BigInt] = ["bigint", "integer", "smallint"],
        [ColumnType.Numeric] = ["numeric", "bigint", "integer", "smallint"],
        [ColumnType.Double] = ["double precision", "real", "integer", "smallint"],
        [ColumnType.Timestamp] = ["timestamp with time zone", NoZone, Date],
        [ColumnType.Uuid] = ["uuid"],
        [ColumnType.Bytea] = ["bytea"],
        [ColumnType.Jsonb] = ["jsonb", "json"],
    };

    static readonly string[] Columns = ["_hash", "_version", "_run_id", "_loaded_at", TableSql.DeletedAt];

    /// <summary>What is read: each of the mapping's columns, as the type that the mapping gives it; null: it cannot be.</summary>
    public string? Select { get; private init; }

    /// <summary>Why it cannot be compared, all reasons; null: it can.</summary>
    public string? Problem { get; private init; }

    /// <summary>Columns of the table that the mapping does not name.</summary>
    public IReadOnlyList<string> NotCompared { get; private init; } = [];

    public static async Task<ForeignTable> ReadAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        var found = await TypesAsync(connection, table.Schema, table.Name, cancellation);
        if (found.Count == 0)
            return new ForeignTable { Problem = $"Table {table.QualifiedName} does not exist.{Names.DidYouMean(table.Name, await NamesAsync(connection, table.Schema, cancellation))}" };
        var problems = new List<string>();
        var expressions = new List<string>();
        foreach (var column in table.Columns)
            if (!found.TryGetValue(column.Name, out var type))
                problems.Add($"Column {table.QualifiedName}.{column.Name} does not exist.{Names.DidYouMean(column.Name, [.. found.Keys])}");
            else if (Expression(column, type.Type, out string? problem) is { } expression)
                expressions.Add(expression);
            else
                problems.Add($"Column {table.QualifiedName}.{column.Name} {problem}");
        return new ForeignTable
        {
            Problem = problems.Count > 0 ? string.Join(' ', problems) : null,
            Select = problems.Count > 0 ? null : $"SELECT {string.Join(", ", expressions)} FROM {table.Sql}",
            NotCompared = [.. found.Keys.Where(name => table.Columns.All(c => c.Name != name) && !Columns.Contains(name))],
        };
    }

    /// <summary>
    /// Columns of a table with their types, without lengths and precisions, domains as what they are made of; and with them. In the table's order; empty: there is
    /// no such table.
    /// </summary>
    public static async Task<Dictionary<string, (string Type, string Declared)>> TypesAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellation)
    {
        var types = new Dictionary<string, (string, string)>();
        await foreach (var row in connection.RowsAsync("""
            SELECT a.attname::text, CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, NULL) WHEN 'e' THEN 'enum' ELSE format_type(a.atttypid, NULL) END, format_type(a.atttypid, a.atttypmod)
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """, cancellation, schema, table))
            types.Add(row.GetString(0), (row.GetString(1), row.GetString(2)));
        return types;
    }

    /// <summary>The tables and views of a schema.</summary>
    public static Task<List<string>> NamesAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation) => connection.ListAsync<string>(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'f', 'p')", cancellation, schema);

    /// <param name="problem">Completes "The column".</param>
    static string? Expression(Column column, string found, out string? problem)
    {
        string name = Identifier.Quote(column.Name), element = found.EndsWith("[]", StringComparison.Ordinal) ? found[..^2] : found, wanted = column.Type.SqlName();
        problem = null;
        if (element != found != column.IsArray || !Exact[column.Type].Contains(element) || column.IsArray && element is NoZone or Date)
        {
            var near = Exact.Where(e => e.Value[0] == element).Select(e => e.Key.SqlName()).FirstOrDefault();
            problem = $"is {found}, which is not exactly {wanted}{(column.IsArray ? "[]" : "")}, as the mapping makes it.{(near is null ? "" : $" Map it as {near}{(element == found ? "" : "[]")}.")}";
            return null;
        }
        if (element is not (NoZone or Date))
            return $"{name}::{wanted}{(column.IsArray ? "[]" : "")}";
        if (column.Field?.Closeness.ColumnZone is not { } zone)
        {
            problem = $"is {found}: say by customProperty columnZone where its times were written (UTC, Europe/Berlin …).";
            return null;
        }
        return $"({name}::timestamp AT TIME ZONE '{zone.Replace("'", "''", StringComparison.Ordinal)}')";
    }
}
