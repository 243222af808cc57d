using Etl.Loading;
using Npgsql;

namespace Etl.Marts;

/// <summary>A table or view of the warehouse, as it stands.</summary>
internal sealed record MartRelation(uint Id, char Kind, IReadOnlyList<MartColumn> Columns, IReadOnlyList<string> Key)
{
    public const char Table = 'r', View = 'v';

    /// <param name="name">Quoted for SQL.</param>
    /// <returns>Null: there is none of that name.</returns>
    public static async Task<MartRelation?> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        (uint Id, char Kind)? found = null;
        await foreach (var row in connection.RowsAsync("SELECT oid, relkind FROM pg_class WHERE oid = to_regclass($1)", cancellation, name))
            found = (row.GetFieldValue<uint>(0), row.GetFieldValue<char>(1));
        if (found is not var (id, kind))
            return null;
        var columns = new List<MartColumn>();
        await foreach (var row in connection.RowsAsync("""
            SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
              CASE WHEN a.attcollation <> t.typcollation THEN format('%I.%I', n.nspname, l.collname) END
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
            WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """, cancellation, Oid(id)))
            columns.Add(new(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)));
        var key = await connection.ListAsync<string>("""
            SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE i.indrelid = $1 AND i.indisprimary ORDER BY k.place
            """, cancellation, Oid(id));
        return new MartRelation(id, kind, columns, key);
    }

    /// <summary>Views and materialized views that read it.</summary>
    public Task<List<uint>> ReadersAsync(NpgsqlConnection connection, CancellationToken cancellation) => connection.ListAsync<uint>("""
        SELECT DISTINCT r.ev_class FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND r.ev_class <> d.refobjid ORDER BY 1
        """, cancellation, Oid(Id));

    public static Task<string> NameAsync(NpgsqlConnection connection, uint id, CancellationToken cancellation) =>
        connection.ScalarAsync<string>("SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1", cancellation, Oid(id));

    /// <summary>The statements that give again, on a relation of that name, what others were allowed on this one.</summary>
    public Task<List<string>> GrantsAsync(NpgsqlConnection connection, string name, CancellationToken cancellation) => connection.ListAsync<string>("""
        SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, $2, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM pg_class c, LATERAL aclexplode(c.relacl) a WHERE c.oid = $1 AND a.grantee <> c.relowner
        """, cancellation, Oid(Id), name);

    static NpgsqlParameter Oid(uint id) => new() { Value = id, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid };
}
