using Etl.Contracts;

namespace Etl.Loading;

/// <summary>
/// The statements that bring staged documents, each one row with a version of its own, into their table: of each key the highest version wins,
/// whatever the order in which they come. Each returns counts, because the counts are the ledger.
/// Parameters: $1 run, $2 time.
/// </summary>
/// <param name="isTransient">The same content is never the same document read again.</param>
internal sealed class EventSql(Table table, bool isTransient)
{
    public string Stage { get; } = Identifier.Quote(Identifier.Fit($"staged_{table.Name}"));

    /// <summary>Keys of refused documents that have one.</summary>
    public const string Refused = "refused_documents";

    static string On(IEnumerable<Column> columns, string left, string right) =>
        string.Join(" AND ", columns.Select(c => $"{left}.{Identifier.Quote(c.Name)} = {right}.{Identifier.Quote(c.Name)}"));

    string Key(string prefix = "") => TableSql.Names(table.Key, prefix);

    string All(string prefix = "") => TableSql.Names(table.Columns, prefix);

    static string Typed(IEnumerable<Column> columns) => string.Join(", ", columns.Select(c => $"{Identifier.Quote(c.Name)} {c.SqlType}"));

    /// <summary>Made anew for each loader; rows of a day are gathered there over several transactions.</summary>
    public string CreateStage => $"""
        DROP TABLE IF EXISTS pg_temp.{Stage}, pg_temp.{Refused};
        CREATE TEMP TABLE {Stage} ({Typed(table.Columns)}, _hash uuid, _version uuid);
        CREATE TEMP TABLE {Refused} ({Typed(table.Key)}, _doc integer) ON COMMIT DELETE ROWS;
        """;

    public string ClearStage => $"TRUNCATE {Stage}";

    public string CopyIntoStage => $"COPY {Stage} ({All()}, _hash, _version) FROM STDIN (FORMAT binary)";

    public static string CopyRefused(Table table) => $"COPY {Refused} ({TableSql.Names(table.Key)}, _doc) FROM STDIN (FORMAT binary)";

    /// <summary>New rows straight into the table, with Quality's own columns.</summary>
    public string CopyIntoTable => $"COPY {table.Sql} ({All()}, _hash, _version, _run_id, _loaded_at) FROM STDIN (FORMAT binary)";

    /// <summary>Leaves of each key the row of the highest version, and among equal versions the greatest hash. Returns (duplicates, superseded).</summary>
    public string KeepHighest => KeepHighestIn(Stage);

    /// <param name="rows">A table of rows that are all of this load.</param>
    public string KeepHighestIn(string rows) => $"""
        WITH repeated AS MATERIALIZED (SELECT {Key()} FROM {rows} GROUP BY {Key()} HAVING count(*) > 1),
        ranked AS MATERIALIZED (
          SELECT s.ctid AS place, row_number() OVER w AS rank, first_value(s._hash) OVER w AS winner FROM {rows} s JOIN repeated r ON {On(table.Key, "s", "r")}
          WINDOW w AS (PARTITION BY {Key("s.")} ORDER BY s._version DESC, s._hash DESC)),
        dropped AS (DELETE FROM {rows} s USING ranked r WHERE s.ctid = r.place AND r.rank > 1 RETURNING s._hash = r.winner AS equal)
        SELECT count(*) FILTER (WHERE equal), count(*) FILTER (WHERE NOT equal) FROM dropped
        """;

    public string AnalyzeStage => $"ANALYZE {Stage}";

    /// <summary>The first half of a version: the partition, which does not change from reading to reading.</summary>
    static string Partition(string alias) => $"substr(uuid_send({alias}._version), 1, 8)";

    static string Equal => "t._hash IS NOT DISTINCT FROM s._hash";

    /// <summary>The same content from another place, or delivered once more; read again at its own place it is only unchanged.</summary>
    string IsRepeated => isTransient ? "true" : $"(t._version IS NOT NULL AND {Partition("t")} <> {Partition("s")})";

    const string IsNewer = "(t._version IS NULL OR s._version > t._version)";

    /// <summary>How the staged documents stand to rows that the table has. Returns (unchanged, duplicate, superseded, all that have a row).</summary>
    public string Compare => $"""
        SELECT count(*) FILTER (WHERE equal AND NOT repeated), count(*) FILTER (WHERE equal AND repeated), count(*) FILTER (WHERE NOT equal AND NOT newer), count(*)
        FROM (SELECT {Equal} AS equal, {IsRepeated} AS repeated, {IsNewer} AS newer FROM {Stage} s JOIN {table.Sql} t ON {On(table.Key, "t", "s")}) compared
        """;

    /// <summary>
    /// The same content at a higher place counts from there on: else what stands between the two places would win or lose by the order of reading.
    /// Not worth a line in the ledger: the row says what it said.
    /// </summary>
    public string Raise => $"UPDATE {table.Sql} t SET _version = s._version FROM {Stage} s WHERE {On(table.Key, "t", "s")} AND {Equal} AND t._version < s._version AND {Partition("t")} < {Partition("s")}";

    string Changes(bool force) => force ? "true" : $"NOT ({Equal}) AND {IsNewer}";

    /// <summary>Entities of rows that are about to change: an event may move from one to another.</summary>
    public string TouchOld(DerivedSql derived, bool force) =>
        $"INSERT INTO {derived.Touched} SELECT {TableSql.Names(derived.Table.Entity, "t.")} FROM {table.Sql} t JOIN {Stage} s ON {On(table.Key, "t", "s")} WHERE {Changes(force)}";

    /// <summary>Returns (updated).</summary>
    /// <param name="force">Whatever hash and version say: somebody may have edited the row.</param>
    public string Update(bool force, IReadOnlyList<DerivedSql> derived) => $"""
        WITH written AS (
          UPDATE {table.Sql} t SET {string.Join(", ", table.Columns.Select(c => $"{Identifier.Quote(c.Name)} = s.{Identifier.Quote(c.Name)}"))},
            _hash = s._hash, _version = s._version, _run_id = $1, _loaded_at = $2
          FROM {Stage} s WHERE {On(table.Key, "t", "s")} AND {Changes(force)} RETURNING {All("t.")}){Touch(derived)}
        SELECT count(*) FROM written
        """;

    /// <summary>Returns (inserted, wanted): when they differ, a trigger or rule of the table discards rows.</summary>
    public string Insert(IReadOnlyList<DerivedSql> derived) => $"""
        WITH fresh AS MATERIALIZED (SELECT s.* FROM {Stage} s WHERE NOT EXISTS (SELECT 1 FROM {table.Sql} t WHERE {On(table.Key, "t", "s")})),
        written AS (INSERT INTO {table.Sql} ({All()}, _hash, _version, _run_id, _loaded_at)
          SELECT {All("fresh.")}, fresh._hash, fresh._version, $1, $2 FROM fresh RETURNING {All()}){Touch(derived)}
        SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM fresh)
        """;

    /// <summary>All that is staged, where none of it has a row: a third of the work of <see cref="Insert"/>.</summary>
    public string InsertAll => $"INSERT INTO {table.Sql} ({All()}, _hash, _version, _run_id, _loaded_at) SELECT {All("s.")}, s._hash, s._version, $1, $2 FROM {Stage} s";

    /// <summary>Entities of everything that is staged.</summary>
    public string TouchAll(DerivedSql derived) => $"INSERT INTO {derived.Touched} SELECT DISTINCT {TableSql.Names(derived.Table.Entity)} FROM {Stage}";

    /// <summary>Rows that a trigger or rule kept from being written.</summary>
    public string CountStale => $"SELECT count(*) FROM {Stage} s JOIN {table.Sql} t ON {On(table.Key, "t", "s")} WHERE {Changes(force: false)}";

    static string Touch(IReadOnlyList<DerivedSql> derived) =>
        string.Concat(derived.Select((d, i) => $", touched_{i} AS (INSERT INTO {d.Touched} SELECT DISTINCT {TableSql.Names(d.Table.Entity)} FROM written)"));

    /// <summary>Rows whose key the source, read whole, no longer has; those of refused documents stay.</summary>
    public string Absent => $"""
        SELECT t.tableoid AS part, t.ctid AS place FROM {table.Sql} t
        WHERE NOT EXISTS (SELECT 1 FROM {Stage} s WHERE {On(table.Key, "t", "s")}) AND NOT EXISTS (SELECT 1 FROM {Refused} r WHERE {On(table.Key, "t", "r")})
        """;

    /// <summary>Numbers of refused documents whose key has a row.</summary>
    public string FindHeldBack => $"SELECT r._doc FROM {Refused} r WHERE EXISTS (SELECT 1 FROM {table.Sql} t WHERE {On(table.Key, "t", "r")})";
}
