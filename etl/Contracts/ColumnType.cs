namespace Etl.Contracts;

/// <summary>The PostgreSQL types that a column of a loaded table can have; docs/types.md says what becomes what.</summary>
public enum ColumnType
{
    Text,
    Boolean,
    Integer,
    BigInt,
    Double,
    Numeric,
    Timestamp,
    Uuid,
    Bytea,
    Jsonb,
}

public static class ColumnTypeSql
{
    static readonly (ColumnType Type, string Name, uint Oid)[] Types =
    [
        (ColumnType.Text, "text", 25),
        (ColumnType.Boolean, "boolean", 16),
        (ColumnType.Integer, "integer", 23),
        (ColumnType.BigInt, "bigint", 20),
        (ColumnType.Double, "double precision", 701),
        (ColumnType.Numeric, "numeric", 1700),
        (ColumnType.Timestamp, "timestamptz", 1184),
        (ColumnType.Uuid, "uuid", 2950),
        (ColumnType.Bytea, "bytea", 17),
        (ColumnType.Jsonb, "jsonb", 3802),
    ];

    /// <summary>The names that a contract may write as columnType.</summary>
    public static IEnumerable<string> Names => Types.Select(t => t.Name);

    public static string SqlName(this ColumnType type) => Array.Find(Types, t => t.Type == type).Name;

    /// <summary>Object id of the type in every PostgreSQL (pg_type.dat); the binary form of an array names it.</summary>
    public static uint Oid(this ColumnType type) => Array.Find(Types, t => t.Type == type).Oid;

    public static ColumnType? FromSqlName(string name) =>
        Array.FindIndex(Types, t => t.Name == name) is >= 0 and var i ? Types[i].Type : null;
}
