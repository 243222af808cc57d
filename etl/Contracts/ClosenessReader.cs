namespace Etl.Contracts;

/// <summary>Reads the customProperties that only tables have which somebody else fills.</summary>
internal static class ClosenessReader
{
    public static readonly string[] Properties = ["tolerance", "precision", "columnZone"];

    static readonly (string Name, long Microseconds)[] Units = [("ms", 1_000), ("s", 1_000_000), ("min", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000)];

    static readonly ColumnType[] Numbers = [ColumnType.Integer, ColumnType.BigInt, ColumnType.Double, ColumnType.Numeric];

    /// <param name="column">Null: it becomes no single column.</param>
    public static Closeness Read(YamlView custom, bool isExternal, ColumnType? column, bool isKey, string path)
    {
        if (Properties.FirstOrDefault(custom.Has) is not { } first)
            return Closeness.Exact;
        if (!isExternal)
            custom.Error($"customProperty '{first}' of '{path}' is for tables that somebody else fills: it goes with external: true of the contract.", first);
        foreach (string property in Properties.Where(custom.Has))
            if (column is not { } type || (property == "tolerance" ? !Numbers.Contains(type) : type != ColumnType.Timestamp))
                custom.Error($"customProperty '{property}' does not go with '{path}': only a single {(property == "tolerance" ? "number" : "timestamp")} has it.", property);
            else if (isKey && property != "columnZone")
                custom.Error($"'{path}' is a key: rows are found by it, so it has no {property}.", property);
        decimal tolerance = custom.Number("tolerance") ?? 0;
        if (tolerance < 0)
            custom.Error($"'tolerance' of '{path}' is what two numbers may differ by, from 0 on, not {tolerance}.", "tolerance");
        long unit = 0;
        if (custom.Text("precision") is { } name)
        {
            unit = Array.Find(Units, u => u.Name == name).Microseconds;
            if (unit == 0)
                custom.Error($"'precision' of '{path}' is one of {string.Join(", ", Units.Select(u => u.Name))}, not '{name}'.", "precision");
        }
        string? zone = custom.Text("columnZone");
        if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            custom.Error($"columnZone '{zone}' of '{path}' is not known. Write UTC, or a name such as Europe/Berlin.", "columnZone");
        return new Closeness { Tolerance = Math.Max(0, tolerance), Microseconds = unit, ColumnZone = zone };
    }
}
