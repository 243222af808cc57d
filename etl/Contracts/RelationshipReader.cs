namespace Etl.Contracts;

/// <summary>Reads what properties refer to; each becomes a question to the warehouse: how many rows refer to nothing.</summary>
internal static class RelationshipReader
{
    /// <summary>Adds one check for each relationship of a property to the dataset's.</summary>
    public static void Read(IReadOnlyList<Dataset> datasets, IEnumerable<(Dataset Dataset, Field Field, YamlView At)> relationships)
    {
        foreach (var (dataset, field, at) in relationships)
        {
            at.Only("type", "to", "customProperties");
            if (at.Text("type") is { } type and not "foreignKey")
                at.Error($"type '{type}' of a relationship is not known. Known: foreignKey.", "type");
            bool warns = FieldReader.WarnsBy(at.Custom("onViolation")) ?? false;
            string to = at.Required("to");
            if (dataset.PlaceOf(field) is not var (table, column) || column.IsArray)
                at.Error($"'{field.Path}' of '{dataset.Name}' has no column of single values: it can refer to nothing.");
            else if (Find(datasets, to) is not var (target, of))
                at.Error($"'{to}' is no property that is loaded, as dataset.path or table.column.{Names.DidYouMean(to, [.. Known(datasets)])}", "to");
            else if (of.Type != column.Type || of.IsArray)
                at.Error($"'{field.Path}' of '{dataset.Name}' is {column.SqlType}, and '{to}' is {of.SqlType}: no value of the one is a value of the other.", "to");
            else
                dataset.Checks = [.. dataset.Checks, Make(table, column, target, of, warns)];
        }
    }

    static WarehouseCheck Make(Table table, Column column, Table target, Column of, bool warns) => new()
    {
        Table = table,
        Column = column,
        Rule = "references",
        Name = $"refers to {target.Name}.{of.Name}",
        Sql = $"""
            SELECT count(*)::numeric FROM (SELECT {Identifier.Quote(column.Name)} AS v FROM {table.Live}) c
            WHERE c.v IS NOT NULL AND NOT EXISTS (SELECT FROM (SELECT {Identifier.Quote(of.Name)} AS v FROM {target.Live}) p WHERE p.v = c.v{(column.Type == ColumnType.Text ? " COLLATE \"C\"" : "")})
            """,
        Expected = new Expectation(Comparison.Equal, 0),
        Warns = warns,
    };

    static (Table, Column)? Find(IReadOnlyList<Dataset> datasets, string to)
    {
        foreach (var dataset in datasets)
            foreach (var table in dataset.Tables)
                foreach (var column in table.Columns)
                    if ($"{dataset.Name}.{column.Field?.Path}" == to || $"{table.Name}.{column.Name}" == to)
                        return (table, column);
        return null;
    }

    static IEnumerable<string> Known(IReadOnlyList<Dataset> datasets) =>
        datasets.SelectMany(d => d.Tables.SelectMany(t => t.Columns.Where(c => c.Field is not null).SelectMany(c => new[] { $"{d.Name}.{c.Field!.Path}", $"{t.Name}.{c.Name}" }))).Distinct();
}
