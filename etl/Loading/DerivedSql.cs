using Etl.Contracts;

namespace Etl.Loading;

/// <summary>
/// The statements that make a latest or history table follow its events: for the entities that a batch touched, from all of their events.
/// So it does not matter in which order events came, or how often.
/// </summary>
internal sealed class DerivedSql(DerivedTable derived)
{
    readonly Table table = derived.Table;

    public DerivedTable Table => derived;

    /// <summary>Entities whose rows are to be made anew; may hold one more than once.</summary>
    public string Touched { get; } = Identifier.Quote(Identifier.Fit($"touched_{derived.Table.Schema}.{derived.Table.Name}"));

    string Wanted { get; } = Identifier.Quote(Identifier.Fit($"wanted_{derived.Table.Schema}.{derived.Table.Name}"));

    static string Typed(IEnumerable<Column> columns) => string.Join(", ", columns.Select(c => $"{Identifier.Quote(c.Name)} {c.SqlType}"));

    public string CreateTemporary => $"""
        DROP TABLE IF EXISTS pg_temp.{Touched}, pg_temp.{Wanted};
        CREATE TEMP TABLE {Touched} ({Typed(derived.Entity)}) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE {Wanted} ({Typed(table.Columns)}) ON COMMIT DELETE ROWS;
        """;

    public string CopyTouched => $"COPY {Touched} ({TableSql.Names(derived.Entity)}) FROM STDIN (FORMAT binary)";

    static string Pairs(IEnumerable<(Column Left, Column Right)> columns, string left, string right) =>
        string.Join(" AND ", columns.Select(c => $"{left}.{Identifier.Quote(c.Left.Name)} = {right}.{Identifier.Quote(c.Right.Name)}"));

    string OnKey(string left, string right) => Pairs(table.Key.Select(k => (k, k)), left, right);

    /// <summary>Every entity that has events or rows.</summary>
    public string TouchAll => $"INSERT INTO {Touched} SELECT {TableSql.Names(derived.Entity)} FROM {derived.Events.Sql} UNION SELECT {TableSql.Names(derived.OwnEntity)} FROM {table.Sql}";

    /// <summary>Entities with an event in a time ($1 to $2, exclusive).</summary>
    public string TouchDays(Column by) =>
        $"INSERT INTO {Touched} SELECT DISTINCT {TableSql.Names(derived.Entity)} FROM {derived.Events.Sql} WHERE {Identifier.Quote(by.Name)} >= $1 AND {Identifier.Quote(by.Name)} < $2";

    /// <summary>Entities given as a JSON array of objects of the table's own columns ($1).</summary>
    public string TouchGiven => $"INSERT INTO {Touched} SELECT DISTINCT {TableSql.Names(derived.OwnEntity)} FROM jsonb_to_recordset($1) AS k({Typed(derived.OwnEntity)})";

    /// <summary>Entities of events that are about to be removed: their places ($1: texts of tids).</summary>
    public string TouchPlaces(string victims) => $"INSERT INTO {Touched} SELECT DISTINCT {TableSql.Names(derived.Entity, "t.")} FROM {derived.Events.Sql} t JOIN ({victims}) v ON t.tableoid = v.part AND t.ctid = v.place";

    IEnumerable<string> Order(string direction) => derived.Order.Select(c => $"e.{Identifier.Quote(c.Name)} {direction}");

    string Copied => string.Join(", ", derived.Copied.Select(c => $"e.{Identifier.Quote(c.From.Name)} AS {Identifier.Quote(c.To.Name)}"));

    /// <summary>Makes the rows that the touched entities ought to have. Returns their number.</summary>
    public string Make => $"""
        WITH entities AS MATERIALIZED (SELECT DISTINCT {TableSql.Names(derived.Entity)} FROM {Touched}),
        made AS (INSERT INTO {Wanted} ({TableSql.Names(table.Columns)}) SELECT {TableSql.Names(table.Columns, "w.")} FROM ({(derived.IsHistory ? States : Last)}) w RETURNING 1)
        SELECT count(*) FROM made
        """;

    string OfEntity => Pairs(derived.Entity.Select(e => (e, e)), "e", "k");

    /// <summary>One row from the end of an index for each entity.</summary>
    string Last => $"""
        SELECT l.* FROM entities k CROSS JOIN LATERAL (
          SELECT {Copied} FROM {derived.Events.Sql} e WHERE {OfEntity} ORDER BY {string.Join(", ", Order("DESC NULLS LAST"))} LIMIT 1) l
        """;

    string States => $"""
        SELECT {Copied}, {ValidFrom} AS {DerivedTable.From}, lead({ValidFrom}) OVER states AS {DerivedTable.To},
          lead(1) OVER states IS NULL AS {DerivedTable.IsValid}, {IsDeletion(derived, "e")} AS {DerivedTable.IsDeleted}
        FROM entities k JOIN {derived.Events.Sql} e ON {OfEntity}
        WINDOW states AS (PARTITION BY {TableSql.Names(derived.Entity, "e.")} ORDER BY {string.Join(", ", Order("ASC NULLS FIRST"))})
        """;

    string ValidFrom => $"e.{Identifier.Quote(derived.ValidFrom!.Name)}";

    public static string IsDeletion(DerivedTable derived, string alias) => derived.DeletedBy is not { } column ? "false"
        : $"coalesce({alias}.{Identifier.Quote(column.Name)} = ANY (ARRAY[{string.Join(", ", derived.DeletedWhen.Select(v => $"'{v.Replace("'", "''")}'"))}]::text[]), false)";

    public string Analyze => $"ANALYZE {Wanted}";

    /// <summary>Rows of touched entities that they ought not to have any more.</summary>
    public string Superfluous => $"""
        SELECT t.tableoid AS part, t.ctid AS place FROM (SELECT DISTINCT {TableSql.Names(derived.Entity)} FROM {Touched}) k
        JOIN {table.Sql} t ON {Pairs(derived.OwnEntity.Zip(derived.Entity), "t", "k")} WHERE NOT EXISTS (SELECT 1 FROM {Wanted} w WHERE {OnKey("w", "t")})
        """;

    /// <summary>Returns (updated). Parameters: $1 run, $2 time.</summary>
    public string Update => $"""
        WITH written AS (UPDATE {table.Sql} t SET {string.Join(", ", table.Columns.Select(c => $"{Identifier.Quote(c.Name)} = w.{Identifier.Quote(c.Name)}"))}, _run_id = $1, _loaded_at = $2
          FROM {Wanted} w WHERE {OnKey("t", "w")} AND ROW({TableSql.Names(table.Columns, "t.")}) IS DISTINCT FROM ROW({TableSql.Names(table.Columns, "w.")}) RETURNING 1)
        SELECT count(*) FROM written
        """;

    /// <summary>Returns (inserted). Parameters: $1 run, $2 time.</summary>
    public string Insert => $"""
        WITH written AS (INSERT INTO {table.Sql} ({TableSql.Names(table.Columns)}, _run_id, _loaded_at)
          SELECT {TableSql.Names(table.Columns, "w.")}, $1, $2 FROM {Wanted} w WHERE NOT EXISTS (SELECT 1 FROM {table.Sql} t WHERE {OnKey("t", "w")}) RETURNING 1)
        SELECT count(*) FROM written
        """;

    public string Clear => $"TRUNCATE {Touched}, {Wanted}";
}
