using System.Diagnostics;
using System.Text.Json.Nodes;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>
/// Compares a latest or history table with what follows from its events, computed over the whole table and in other words than the loader's:
/// states are numbered and joined to the next, where the loader looks ahead in a window and for a last row in an index.
/// </summary>
internal sealed class DerivedComparison(DerivedTable derived, NpgsqlConnection connection, Action<Difference> report)
{
    const string Masked = "***";
    const int ShownCharacters = 500;

    readonly Table table = derived.Table;

    public async Task CompareAsync(TableResult result, Level level, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        await foreach (var row in connection.RowsAsync($"WITH {Both} SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM found)", cancellation))
            (result.Source, result.Warehouse) = (row.GetInt64(0), row.GetInt64(1));
        if (level == Level.Contents)
            await foreach (var row in connection.RowsAsync(Differences, cancellation))
                report(Build(row));
        result.Took = Stopwatch.GetElapsedTime(began);
    }

    static string Names(IEnumerable<Column> columns, string prefix) => TableSql.Names(columns, prefix);

    string Order(string direction) => string.Join(", ", derived.Order.Select(c => $"e.{Identifier.Quote(c.Name)} {direction}"));

    string Wanted => derived.IsHistory ? $"""
        SELECT {string.Join(", ", derived.Copied.Select(c => $"a.{Identifier.Quote(c.From.Name)} AS {Identifier.Quote(c.To.Name)}"))},
          a.{ValidFrom} AS {DerivedTable.From}, b.{ValidFrom} AS {DerivedTable.To}, a._place = a._places AS {DerivedTable.IsValid}, {IsDeleted} AS {DerivedTable.IsDeleted}
        FROM numbered a LEFT JOIN numbered b ON {string.Join(" AND ", derived.Entity.Select(c => $"b.{Identifier.Quote(c.Name)} = a.{Identifier.Quote(c.Name)}"))} AND b._place = a._place + 1
        """ : $"""
        SELECT {string.Join(", ", derived.Copied.Select(c => $"a.{Identifier.Quote(c.From.Name)} AS {Identifier.Quote(c.To.Name)}"))} FROM numbered a WHERE a._place = a._places
        """;

    string ValidFrom => Identifier.Quote(derived.ValidFrom!.Name);

    string IsDeleted => derived.DeletedBy is not { } column ? "false"
        : $"CASE {string.Join(' ', derived.DeletedWhen.Select(v => $"WHEN a.{Identifier.Quote(column.Name)} = '{v.Replace("'", "''")}' THEN true"))} ELSE false END";

    /// <summary>A key that stands twice in the table has one row that is right at best; the others are too many.</summary>
    string Both => $"""
        numbered AS (SELECT e.*, row_number() OVER (PARTITION BY {Names(derived.Entity, "e.")} ORDER BY {Order("ASC NULLS FIRST")}) AS _place,
          count(*) OVER (PARTITION BY {Names(derived.Entity, "e.")}) AS _places FROM {derived.Events.Sql} e),
        wanted AS MATERIALIZED (SELECT w.*, 1::bigint AS _copy FROM ({Wanted}) w),
        found AS MATERIALIZED (SELECT {Names(table.Columns, "t.")}, row_number() OVER (PARTITION BY {Names(table.Key, "t.")}) AS _copy FROM {table.Sql} t)
        """;

    /// <summary>Kind, values on both sides as text, and which of them are equal, for each row that differs.</summary>
    string Differences => $"""
        WITH {Both}
        SELECT CASE WHEN f._copy IS NULL THEN 0 WHEN w._copy IS NULL THEN 1 ELSE 2 END, ARRAY[{Texts("w")}], ARRAY[{Texts("f")}],
          ARRAY[{string.Join(", ", table.Columns.Select(c => $"w.{Identifier.Quote(c.Name)} IS NOT DISTINCT FROM f.{Identifier.Quote(c.Name)}"))}]
        FROM wanted w FULL JOIN found f ON {string.Join(" AND ", table.Key.Select(c => $"w.{Identifier.Quote(c.Name)} = f.{Identifier.Quote(c.Name)}"))} AND w._copy = f._copy
        WHERE w._copy IS NULL OR f._copy IS NULL OR ROW({Names(table.Columns, "w.")}) IS DISTINCT FROM ROW({Names(table.Columns, "f.")})
        """;

    string Texts(string side) => string.Join(", ", table.Columns.Select(c => c is { Type: ColumnType.Timestamp, IsArray: false }
        ? $"to_char({side}.{Identifier.Quote(c.Name)} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')" : $"{side}.{Identifier.Quote(c.Name)}::text"));

    /// <summary>The key that a repair goes by is the entity: its rows are made anew together.</summary>
    Difference Build(NpgsqlDataReader row)
    {
        var kind = (DifferenceKind)row.GetInt32(0);
        string?[] wanted = row.GetFieldValue<string?[]>(1), found = row.GetFieldValue<string?[]>(2), present = kind == DifferenceKind.Unexpected ? found : wanted;
        bool[] equal = row.GetFieldValue<bool[]>(3);
        var entities = new JsonArray();
        foreach (string?[] side in (string?[][])[wanted, found])
        {
            var entity = new JsonObject();
            foreach (var column in derived.OwnEntity)
                entity.Add(column.Name, side[IndexOf(column)]);
            if (entity.All(e => e.Value is not null))
                entities.Add(entity);
        }
        return new Difference(table, kind, string.Join(", ", table.Key.Select(k => $"{k.Name}={(k.IsPersonal ? Masked : present[IndexOf(k)] ?? "NULL")}")), entities.ToJsonString(), null,
            [.. table.Columns.Select((c, i) => new Cell(c.Name, c.SqlType.Replace(" COLLATE \"C\"", "", StringComparison.Ordinal), Show(c, wanted[i]), Show(c, found[i]), equal[i]))]);
    }

    int IndexOf(Column column) => table.Columns.ToList().IndexOf(column);

    static string? Show(Column column, string? value) => value is null ? null : column.IsPersonal ? Masked : Etl.Documents.ShownText.Clip(value, ShownCharacters);
}
