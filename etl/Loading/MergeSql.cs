using Etl.Contracts;

namespace Etl.Loading;

/// <summary>
/// The statements that bring one table's staged rows into it. Each returns counts, because the counts are the ledger;
/// MERGE would be as fast in PostgreSQL 15 but cannot say what it did.
/// Parameters: $1 version, $2 run, $3 time; statements that remove also take $4 pipeline and $5 table.
/// </summary>
internal sealed class MergeSql(Table table)
{
    /// <summary>Keys of the documents of the batch: one line a document whose key could be read.</summary>
    public const string Documents = "batch_documents"; // not staged_: a contract may name a table 'documents'

    /// <summary>Documents that changed anything.</summary>
    public const string Changed = "changed_documents";

    /// <summary>One line: the keys between which the batch's documents lie.</summary>
    public const string Bounds = "scan_bounds";

    public string Stage { get; } = Identifier.Quote(Identifier.Fit($"staged_{table.Name}"));

    /// <summary>Where the candidates for a shared dimension are kept until the scan ends.</summary>
    public string Candidates { get; } = $"quality.{Identifier.Quote(Identifier.Fit($"candidates_{table.Schema}.{table.Name}"))}";

    static string On(IEnumerable<Column> columns, string left, string right) =>
        string.Join(" AND ", columns.Select(c => $"{left}.{Identifier.Quote(c.Name)} = {right}.{Identifier.Quote(c.Name)}"));

    string All(string prefix = "") => TableSql.Names(table.Columns, prefix);

    string Typed => string.Join(", ", table.Columns.Select(c => $"{Identifier.Quote(c.Name)} {c.SqlType}"));

    public string CreateStage => $"CREATE TEMP TABLE {Stage} ({Typed}, _hash uuid, _doc integer) ON COMMIT DELETE ROWS";

    public string CreateCandidates => $"CREATE TABLE IF NOT EXISTS {Candidates} ({Typed}, _hash uuid NOT NULL, _run_id bigint NOT NULL, PRIMARY KEY ({TableSql.Names(table.Key)}, _hash))";

    /// <summary>Whether the candidates' table has exactly the wanted columns, of the wanted types.</summary>
    public string CandidatesFit => $"""
        SELECT array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY (a.attname || ' ' || format_type(a.atttypid, a.atttypmod)) COLLATE "C")
          = ARRAY(SELECT c FROM unnest(ARRAY[{string.Join(", ", table.Columns.Select(c => (c.Name, c.SqlType)).Append(("_hash", "uuid")).Append(("_run_id", "bigint")).Select(c => Literal($"{c.Item1} {TablePreparation.Shown(c.Item2)}")))}]::text[]) c ORDER BY c COLLATE "C")
        FROM pg_attribute a WHERE a.attrelid = {Literal(Candidates)}::regclass AND a.attnum > 0 AND NOT a.attisdropped
        """;

    static string Literal(string text) => $"'{text.Replace("'", "''")}'";

    /// <summary>New rows straight into the table, with Quality's own columns.</summary>
    public string CopyIntoTable => $"COPY {table.Sql} ({All()}, _hash, _version, _run_id, _loaded_at) FROM STDIN (FORMAT binary)";

    /// <summary>The key columns besides the document's, in the order that <see cref="CopyKnown"/> gives them.</summary>
    public IReadOnlyList<Column> KeyBesidesDocument { get; } = [.. table.Key.Where(k => !table.DocumentKey.Contains(k))];

    /// <summary>Place, document's key, the rest of the key, hash, and whether it is only kept, of each row that the table has between two documents.</summary>
    public string CopyKnown(ScanBounds bounds) => $"""
        COPY (SELECT t.ctid, t.{Root}, {string.Concat(KeyBesidesDocument.Select(c => $"t.{Identifier.Quote(c.Name)}, "))}t._hash, {IsDeleted} FROM {table.Sql} t WHERE {bounds.Condition($"t.{Root}")}) TO STDOUT (FORMAT binary)
        """;

    /// <summary>Without figures of its own, the planner takes a staging table for small and reads it again for every row.</summary>
    public string AnalyzeStage => $"ANALYZE {Stage}";

    /// <summary>Takes the rows' hashes away, so that the next load writes every row anew.</summary>
    public string ForgetHashes => $"UPDATE {table.Sql} SET _hash = NULL";

    string Trial => $"pg_temp.{Identifier.Quote(Identifier.Fit($"trial_{table.Name}"))}";

    /// <summary>An empty table like this one, for rows that may be too long for it; Quality's own columns take the place there that they will take.</summary>
    public string CreateTrial => $"""
        CREATE TABLE {Trial} (LIKE {table.Sql} INCLUDING ALL) ON COMMIT DROP;
        ALTER TABLE {Trial} ALTER _hash SET DEFAULT '{Guid.Empty}', ALTER _version SET DEFAULT '{Guid.Empty}', ALTER _run_id SET DEFAULT 0, ALTER _loaded_at SET DEFAULT now()
        """;

    public string CopyIntoTrial => $"COPY {Trial} ({All()}) FROM STDIN (FORMAT binary)";

    public string CopyIntoStage => $"COPY {Stage} ({All()}, _hash, _doc) FROM STDIN (FORMAT binary)";

    /// <summary>
    /// A key of its own can be claimed by two documents, or twice by one. The first in the scan's order keeps it; the others are refused.
    /// A row whose document lies further on in the scan may be taken over: that document is yet to show whether it still has it.
    /// Returns (document, key as text, owner as text, the owner's number if it is in this batch and not refused).
    /// </summary>
    /// <param name="withTable">Whether rows of earlier documents of the scan count. They do not when certain documents are read anew:
    /// then the owner that a row names may be what somebody wrote there.</param>
    public string FindConflicts(bool withTable) => $"""
        SELECT DISTINCT doc, key, owner, opponent FROM (
          SELECT s._doc AS doc, {KeyText("s")} AS key, {OwnerText("f")} AS owner, f._doc AS opponent
          FROM {Stage} s JOIN {Stage} f ON {On(table.Key, "s", "f")}
          WHERE f._doc < s._doc OR f._doc = s._doc AND f.ctid <> s.ctid
          {(withTable ? AndEarlierDocuments : "")}
        ) conflicts ORDER BY doc, key, owner
        """;

    /// <summary>Rows of documents before this batch, and rows that a refused document of this batch holds back.</summary>
    string AndEarlierDocuments => $"""
        UNION ALL
          SELECT s._doc, {KeyText("s")}, {OwnerText("t")}, NULL
          FROM {Stage} s JOIN {table.Sql} t ON {On(table.Key, "s", "t")}
          WHERE {IsLive} AND t.{Root} < (SELECT d.{Root} FROM {Documents} d ORDER BY d.{Root} LIMIT 1)
        UNION ALL
          SELECT s._doc, {KeyText("s")}, {OwnerText("t")}, NULL
          FROM {Documents} d JOIN {table.Sql} t ON {On(table.DocumentKey, "d", "t")} JOIN {Stage} s ON {On(table.Key, "s", "t")}
          WHERE {IsLive} AND NOT d._accepted AND d._doc < s._doc
        """;

    string Root => Identifier.Quote(table.DocumentKey[0].Name);

    string KeyText(string alias) => $"concat_ws(', ', {TableSql.Names(table.Key, alias + ".")})";

    string OwnerText(string alias) => $"concat_ws(', ', {TableSql.Names(table.DocumentKey, alias + ".")})";

    /// <summary>Takes documents ($1: their numbers) out of the stage again.</summary>
    public string Unstage => $"DELETE FROM {Stage} WHERE _doc = ANY ($1)";

    public string CountStage => $"SELECT count(*) FROM {Stage}";

    /// <summary>Rows of accepted documents that their new version no longer has. Returns (removed, wanted).</summary>
    public string RemoveVanished => Remove($"""
        SELECT t.tableoid AS part, t.ctid AS place, d._doc FROM {table.Sql} t JOIN {Documents} d ON {On(table.DocumentKey, "t", "d")}
        WHERE {IsLive} AND d._accepted AND NOT EXISTS (SELECT 1 FROM {Stage} s WHERE {On(table.Key, "s", "t")})
        """, $", changed AS (INSERT INTO {Changed} SELECT DISTINCT _doc FROM victims)");

    /// <summary>Rows of documents that the source no longer has, between two of its documents. Returns (removed, wanted).</summary>
    public string RemoveGone(ScanBounds bounds) => Remove($"""
        SELECT t.tableoid AS part, t.ctid AS place, 0 AS _doc FROM {table.Sql} t
        WHERE {IsLive} AND {bounds.Condition($"t.{Root}")} AND NOT EXISTS (SELECT 1 FROM {Documents} d WHERE {On(table.DocumentKey, "t", "d")})
        """, "");

    /// <summary>Rows at certain places ($6: texts of tids), found in the same transaction. Returns (removed, wanted).</summary>
    public string RemovePlaces => Remove($"SELECT t.tableoid AS part, t.ctid AS place, 0 AS _doc FROM {table.Sql} t WHERE t.ctid = ANY (ARRAY(SELECT place::tid FROM unnest($6::text[]) place))", "");

    /// <summary>Rows of one key each, given as JSON objects in $6. Returns (removed, wanted).</summary>
    public string RemoveKeys => Remove(KeyVictims(6), "");

    /// <param name="parameter">Number of the parameter that holds the JSON objects.</param>
    public string KeyVictims(int parameter) => $"""
        SELECT t.tableoid AS part, t.ctid AS place, 0 AS _doc FROM {table.Sql} t
        JOIN jsonb_to_recordset(${parameter}) AS k({string.Join(", ", table.Key.Select(c => $"{Identifier.Quote(c.Name)} {c.SqlType}"))}) ON {string.Join(" AND ", table.Key.Select(c => $"t.{Identifier.Quote(c.Name)} IS NOT DISTINCT FROM k.{Identifier.Quote(c.Name)}"))}
        """;

    /// <summary>Rows that another query finds. Returns (removed, wanted).</summary>
    public string RemoveVictims(string victims) => Remove(victims, "");

    /// <param name="victims">Gives place and, where a table has partitions, the part that it is a place of.</param>
    string Remove(string victims, string also) => $"""
        WITH victims AS MATERIALIZED ({victims}),
        gone AS ({(table.DeletesSoftly
            ? $"UPDATE {table.Sql} t SET {TableSql.DeletedAt} = $3, _hash = NULL, _version = $1, _run_id = $2 FROM victims v WHERE t.tableoid = v.part AND t.ctid = v.place RETURNING {TableSql.Names(table.Key, "t.")}"
            : $"DELETE FROM {table.Sql} t USING victims v WHERE t.tableoid = v.part AND t.ctid = v.place RETURNING {TableSql.Names(table.Key, "t.")}")}),
        kept AS (INSERT INTO quality.tombstones (pipeline, table_name, key, version, run_id, removed_at)
          SELECT $4, $5, to_jsonb(gone), $1, $2, $3 FROM gone){also}
        SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM victims)
        """;

    /// <summary>Returns (updated).</summary>
    /// <param name="force">Also rewrite rows whose hash says they are equal: somebody may have edited them.</param>
    public string Update(bool force) => $"""
        WITH updated AS (
          UPDATE {table.Sql} t SET {Assignments("s")}, _hash = s._hash, _version = $1, _run_id = $2, _loaded_at = $3{(table.DeletesSoftly ? $", {TableSql.DeletedAt} = NULL" : "")}
          FROM {Stage} s WHERE {On(table.Key, "t", "s")}{(force ? "" : $" AND (t._hash IS DISTINCT FROM s._hash{Disowned}{(table.DeletesSoftly ? $" OR {IsDeleted}" : "")})")} RETURNING s._doc),
        changed AS (INSERT INTO {Changed} SELECT DISTINCT _doc FROM updated)
        SELECT count(*) FROM updated
        """;

    /// <summary>Staged rows that the table has, but only keeps: their documents are back.</summary>
    public string CountRevived => $"SELECT count(*) FROM {Stage} s JOIN {table.Sql} t ON {On(table.Key, "t", "s")} WHERE {IsDeleted}";

    string IsDeleted => table.DeletesSoftly ? $"t.{TableSql.DeletedAt} IS NOT NULL" : "false";

    string IsLive => table.DeletesSoftly ? $"t.{TableSql.DeletedAt} IS NULL" : "true";

    /// <summary>A row whose owner was edited by hand keeps its hash; left so, it would be taken for a row of another document, and removed.</summary>
    string Disowned => table.CanConflict ? string.Concat(table.DocumentKey.Select(c => $" OR t.{Identifier.Quote(c.Name)} IS DISTINCT FROM s.{Identifier.Quote(c.Name)}")) : "";

    /// <summary>Rows that still differ after an update; there are none, unless a trigger or rule of the table discards updates.</summary>
    public string CountStale => $"SELECT count(*) FROM {Stage} s JOIN {table.Sql} t ON {On(table.Key, "t", "s")} WHERE t._hash IS DISTINCT FROM s._hash";

    /// <summary>Whether anything could keep rows from being written as they are; only then stale rows need be counted.</summary>
    public string HasTriggers => $"SELECT relhastriggers OR relhasrules FROM pg_class WHERE oid = {Literal(table.Sql)}::regclass";

    /// <summary>Whether rows can be copied into the table as they are: no triggers, rules or partitions, and a key that refuses a second row where documents may dispute it.</summary>
    /// <param name="firstLoad">The key is yet to be made.</param>
    public string IsPlain(bool firstLoad) => $"""
        SELECT c.relkind = 'r' AND NOT c.relhastriggers AND NOT c.relhasrules{(table.CanConflict && !firstLoad ? $" AND {HasKey}" : "")}
        FROM pg_class c WHERE c.oid = {Literal(table.Sql)}::regclass
        """;

    /// <summary>Whether PostgreSQL keeps the table's key unique.</summary>
    public string HasKey => $"""
        EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = {Literal(table.Sql)}::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
          AND ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k ORDER BY 1)
            = ARRAY(SELECT k FROM unnest(ARRAY[{string.Join(", ", table.Key.Select(c => Literal(c.Name)))}]::text[]) k ORDER BY 1))
        """;

    /// <summary>A table that is partitioned by hand can only keep unique what its partitions are told apart by; its batches go the careful way, which needs no key.</summary>
    public string CanHaveKey => $"""
        NOT EXISTS (SELECT 1 FROM pg_partitioned_table p, unnest(p.partattrs) k LEFT JOIN pg_attribute a ON a.attrelid = {Literal(table.Sql)}::regclass AND a.attnum = k
          WHERE p.partrelid = {Literal(table.Sql)}::regclass AND (a.attname IS NULL OR a.attname::text <> ALL (ARRAY[{string.Join(", ", table.Key.Select(c => Literal(c.Name)))}]::text[])))
        """;

    string Assignments(string from) => string.Join(", ", table.Columns.Select(c => $"{Identifier.Quote(c.Name)} = {from}.{Identifier.Quote(c.Name)}"));

    /// <summary>Returns (inserted, wanted): when they differ, a trigger or rule of the table discards rows.</summary>
    public string Insert => $"""
        WITH fresh AS MATERIALIZED (SELECT s.* FROM {Stage} s WHERE NOT EXISTS (SELECT 1 FROM {table.Sql} t WHERE {On(table.Key, "t", "s")})),
        inserted AS (INSERT INTO {table.Sql} ({All()}, _hash, _version, _run_id, _loaded_at)
          SELECT {All("fresh.")}, fresh._hash, $1, $2, $3 FROM fresh RETURNING 1),
        changed AS (INSERT INTO {Changed} SELECT DISTINCT _doc FROM fresh)
        SELECT (SELECT count(*) FROM inserted), (SELECT count(*) FROM fresh)
        """;

    /// <summary>Keeps what this batch says of a shared dimension ($1: run).</summary>
    public string AddCandidates => $"""
        INSERT INTO {Candidates} ({All()}, _hash, _run_id)
        SELECT DISTINCT ON ({TableSql.Names(table.Key)}, _hash) {All()}, _hash, $1::bigint FROM {Stage} ON CONFLICT DO NOTHING
        """;

    string Winners => $"SELECT DISTINCT ON ({TableSql.Names(table.Key)}) {All()}, _hash, _run_id FROM {Candidates} ORDER BY {TableSql.Names(table.Key)}, _hash DESC";

    /// <summary>Among the candidates of one key, all of one version, the greatest hash wins. $1: run. Returns (winners, those first seen in this run).</summary>
    public string StageWinners => $"""
        WITH winners AS MATERIALIZED ({Winners}), staged AS (INSERT INTO {Stage} ({All()}, _hash, _doc) SELECT {All()}, _hash, 0 FROM winners)
        SELECT count(*), count(*) FILTER (WHERE _run_id = $1) FROM winners
        """;

    /// <summary>Keys with more than one value among the documents: (key, values).</summary>
    public string FindDisputed => $"SELECT {KeyText("c")}, count(*) FROM {Candidates} c GROUP BY {TableSql.Names(table.Key, "c.")} HAVING count(*) > 1 ORDER BY 2 DESC, 1";

    public string ClearCandidates => $"DELETE FROM {Candidates}";
}
