namespace Etl.Contracts;

/// <summary>Reads slaProperties: freshness becomes a check; what else a service level promises is not ours to measure.</summary>
internal static class FreshnessReader
{
    static readonly (string[] Names, int Seconds)[] Units =
    [
        (["s", "second", "seconds"], 1), (["min", "minute", "minutes"], 60), (["h", "hr", "hour", "hours"], 3_600), (["d", "day", "days"], 86_400), (["w", "week", "weeks"], 604_800),
    ];

    /// <summary>One check for each freshness (or latency, the standard's older word) with an element, added to the dataset's.</summary>
    public static void Read(YamlView root, IReadOnlyList<Dataset> datasets)
    {
        string? otherwise = root.Text("slaDefaultElement");
        foreach (var entry in root.Maps("slaProperties", "a service level"))
        {
            entry.Only("id", "property", "value", "valueExt", "unit", "element", "driver", "description", "scheduler", "schedule");
            if (entry.Required("property") is not ("freshness" or "latency") || entry.Number("value") is not { } value)
                continue;
            string unit = entry.Text("unit") ?? "d";
            int seconds = Array.Find(Units, u => u.Names.Contains(unit.ToLowerInvariant())).Seconds;
            if (seconds == 0)
                entry.Error($"unit '{unit}' of freshness is not known.{Names.DidYouMean(unit, [.. Units.SelectMany(u => u.Names)])}", "unit");
            else if (value <= 0 || value > int.MaxValue)
                entry.Error($"Freshness is a time of more than nothing, not {value} {unit}.", "value");
            else if ((entry.Text("element") ?? otherwise) is not { } element)
                entry.Error("Freshness needs an element: dataset and timestamp, as in 'orders.orderedAt'.");
            else if (Find(datasets, element) is var (dataset, table, column))
                dataset.Checks = [.. dataset.Checks, Make(table, column, value * seconds, entry.Text("description"))];
            else
                entry.Error($"'{element}' is not a timestamp that is loaded, as dataset.path.{Names.DidYouMean(element, [.. Known(datasets)])}", "element");
        }
    }

    static WarehouseCheck Make(Table table, Column column, decimal seconds, string? description) => new()
    {
        Table = table,
        Column = column,
        Rule = "freshness",
        Name = description ?? "freshness",
        Sql = $"SELECT extract(epoch FROM $1 - max({Identifier.Quote(column.Name)}))::numeric FROM {table.Live}",
        TakesNow = true,
        Expected = new Expectation(Comparison.LessOrEqual, seconds),
        Unit = "seconds",
    };

    static (Dataset Dataset, Table Table, Column Column)? Find(IReadOnlyList<Dataset> datasets, string element)
    {
        foreach (var dataset in datasets)
            foreach (var table in dataset.Tables)
                foreach (var column in table.Columns)
                    if (column is { Type: ColumnType.Timestamp, IsArray: false, Field: { } field } && $"{dataset.Name}.{field.Path.Replace("[]", "")}" == element.Replace("[]", ""))
                        return (dataset, table, column);
        return null;
    }

    static IEnumerable<string> Known(IReadOnlyList<Dataset> datasets) =>
        datasets.SelectMany(d => d.Tables.SelectMany(t => t.Columns).Where(c => c.Type == ColumnType.Timestamp && !c.IsArray).Select(c => $"{d.Name}.{c.Field!.Path.Replace("[]", "")}")).Distinct();
}
