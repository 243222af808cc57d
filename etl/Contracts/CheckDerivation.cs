using System.Text.RegularExpressions;

namespace Etl.Contracts;

/// <summary>Turns the quality rules that the warehouse must answer into SQL, once the tables are known.</summary>
internal static partial class CheckDerivation
{
    static readonly string[] Placeholders = ["table", "object", "column", "property"];

    /// <param name="quality">The dataset's own rules.</param>
    /// <param name="ofFields">Those of its fields.</param>
    public static IReadOnlyList<WarehouseCheck> Derive(Dataset dataset, IEnumerable<QualityRule> quality, IEnumerable<(Field Field, QualityRule Rule)> ofFields)
    {
        var checks = new List<WarehouseCheck>();
        if (dataset.Tables.Count == 0)
            return checks; // reported already
        foreach (var rule in quality)
            checks.Add(Make(rule, dataset.RootTable, null, rule.Metric switch
            {
                "rowCount" => $"SELECT count(*)::numeric FROM {dataset.RootTable.Live}",
                "duplicateValues" => Duplicates(dataset.RootTable, Columns(dataset, rule), rule.InPercent),
                _ => Query(rule, dataset.RootTable, null),
            }));
        foreach (var (field, rule) in ofFields)
            if (Place(dataset, field) is var (table, column))
                checks.Add(Make(rule, table, column, rule.Metric switch
                {
                    "nullValues" => Count(table, $"{Identifier.Quote(column.Name)} IS NULL", rule.InPercent),
                    "missingValues" => Count(table, $"{Identifier.Quote(column.Name)} IS NULL OR {OneOf(rule, column)}", rule.InPercent),
                    "invalidValues" => Count(table, $"{Identifier.Quote(column.Name)} IS NOT NULL AND NOT {OneOf(rule, column)}", rule.InPercent),
                    "duplicateValues" => Duplicates(table, [column], rule.InPercent),
                    _ => Query(rule, table, column),
                }));
        return checks;
    }

    /// <summary>The table that a field's own row goes to, before those that repeat it.</summary>
    public static (Table Table, Column Column)? Place(Dataset dataset, Field field)
    {
        foreach (var table in dataset.Tables)
            if (table.Columns.FirstOrDefault(c => c.Field == field) is { } column)
                return (table, column);
        return null;
    }

    static WarehouseCheck Make(QualityRule rule, Table table, Column? column, string sql) => new()
    {
        Table = table,
        Column = column,
        Rule = rule.Metric,
        Name = rule.Name,
        Sql = sql,
        Expected = rule.Expected,
        Unit = rule.InPercent ? "percent" : "rows",
        Warns = rule.Warns,
    };

    static string Count(Table table, string condition, bool inPercent) =>
        Share($"count(*) FILTER (WHERE {condition})", "count(*)", inPercent) + $" FROM {table.Live}";

    /// <summary>Rows that share their value with another; NULL is no value.</summary>
    static string Duplicates(Table table, IReadOnlyList<Column> columns, bool inPercent)
    {
        string names = TableSql.Names(columns);
        string present = string.Join(" AND ", columns.Select(c => $"{Identifier.Quote(c.Name)} IS NOT NULL"));
        return $"{Share("coalesce(sum(n) FILTER (WHERE n > 1), 0)", "sum(n)", inPercent)} FROM (SELECT count(*) AS n FROM {table.Live} WHERE {present} GROUP BY {names}) g";
    }

    static string Share(string part, string whole, bool inPercent) => inPercent ? $"SELECT 100.0 * {part} / nullif({whole}, 0)" : $"SELECT ({part})::numeric";

    static IReadOnlyList<Column> Columns(Dataset dataset, QualityRule rule)
    {
        var columns = new List<Column>();
        if (rule.Values.Count == 0)
            rule.At.Error($"The rule duplicateValues of '{dataset.Name}' needs arguments.properties: which must not repeat together.");
        foreach (string path in rule.Values)
            if (dataset.RootTable.Columns.FirstOrDefault(c => c.Field?.Path == path) is { } column)
                columns.Add(column);
            else
                rule.At.Error($"'{path}' is no property of table '{dataset.RootTable.Name}'.{Names.DidYouMean(path, [.. dataset.RootTable.Columns.Select(c => c.Field?.Path ?? "")])}", "arguments");
        return columns;
    }

    /// <summary>Numbers are compared as numbers: 5.00 is 5.</summary>
    static string OneOf(QualityRule rule, Column column)
    {
        bool number = column.Type is ColumnType.Integer or ColumnType.BigInt or ColumnType.Double or ColumnType.Numeric;
        if (column.IsArray || !number && column.Type is not (ColumnType.Text or ColumnType.Boolean or ColumnType.Uuid))
            rule.At.Error($"{rule.Metric} is not supported for columns of type {column.SqlType}.");
        if (number)
            foreach (string value in rule.Values.Where(v => !decimal.TryParse(v, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _)))
                rule.At.Error($"'{value}' is not a number, as '{column.Field!.Path}' is.", "arguments");
        string cast = number ? "numeric" : "text", values = string.Join(", ", rule.Values.Select(Literal));
        return $"{Identifier.Quote(column.Name)}::{cast} = ANY (ARRAY[{values}]::{cast}[])";
    }

    static string Literal(string value)
    {
        // E'' whatever standard_conforming_strings says.
        return $"E'{value.Replace(@"\", @"\\").Replace("'", @"\'").Replace("\0", "")}'";
    }

    static string Query(QualityRule rule, Table table, Column? column)
    {
        string query = rule.Query!.Trim().TrimEnd(';');
        if (query.Contains(';'))
            rule.At.Error("A quality query is one statement, without ';'. Write chr(59) where a text needs one.", "query");
        if (!query.StartsWith("SELECT", StringComparison.OrdinalIgnoreCase) && !query.StartsWith("WITH", StringComparison.OrdinalIgnoreCase))
            rule.At.Error("A quality query begins with SELECT or WITH and gives one number.", "query");
        query = Placeholder().Replace(query, match =>
        {
            string name = match.Groups[1].Value;
            if (!Placeholders.Contains(name))
                rule.At.Error($"'{match.Value}' of a quality query is not known.{Names.DidYouMean(name, Placeholders)}", "query");
            else if (name is "column" or "property" && column is null)
                rule.At.Error($"'{match.Value}' has no meaning in a rule of the whole table.", "query");
            return name is "column" or "property" ? Identifier.Quote(column?.Name ?? "") : table.Sql;
        });
        return $"SELECT ({query}\n)::numeric";
    }

    [GeneratedRegex(@"\$\{\s*(\w*)\s*\}")]
    private static partial Regex Placeholder();
}
