namespace Etl.Contracts;

/// <summary>Reads the latest and history tables that a dataset of events declares.</summary>
internal sealed class DerivedReader(Dataset dataset, YamlView custom)
{
    static readonly string[] Common = ["table", "schema", "description", "key", "orderBy", "columns"];

    public IReadOnlyList<DerivedTable> Read()
    {
        foreach (string property in (string[])["latest", "history"])
            if (custom.Has(property) && !dataset.LoadsEvents)
                custom.Error($"customProperty '{property}' of '{dataset.Name}' needs events: say load: events.", property);
        if (!dataset.LoadsEvents || dataset.Tables.Count == 0)
            return [];
        return [.. custom.Maps("latest", "a latest table").Select(t => ReadOne(t.Only(Common), TableKind.Latest)),
            .. custom.Maps("history", "a history table").Select(t => ReadOne(t.Only([.. Common, "validFrom", "deletedWhen"]), TableKind.History))];
    }

    Table Events => dataset.RootTable;

    DerivedTable ReadOne(YamlView table, TableKind kind)
    {
        string name = table.Required("table");
        var entity = Columns(table, "key", mustBeThere: true);
        var order = Columns(table, "orderBy", mustBeThere: false).ToList();
        foreach (var column in order.Where(c => c.IsArray || c.Type == ColumnType.Jsonb))
            table.Error($"'{column}' has no order: '{name}' cannot be ordered by it.", "orderBy");
        if (order.Count == 0)
            table.Error($"'{name}' needs orderBy: the columns of {Events.Name} by which one event comes after another.", "orderBy");
        order.AddRange(Events.Key.Where(k => !order.Contains(k)));
        var key = kind == TableKind.History ? Events.Key : entity;
        var copied = Copied(table, name).Select(c => (c.From, To: new Column { Name = c.Name, Type = c.From.Type, IsArray = c.From.IsArray, Field = c.From.Field, IsKey = key.Contains(c.From) })).ToArray();
        foreach (var missing in key.Concat(entity).Distinct().Where(k => copied.All(c => c.From != k)))
            table.Error($"'{name}' needs column '{missing}': {(key.Contains(missing) ? "it is part of its key" : "it says whose state a row is")}.", "columns");
        var columns = copied.Select(c => c.To).OrderByDescending(c => c.IsKey).ToList();
        Column? validFrom = null, deletedBy = null;
        IReadOnlyList<string> deletedWhen = [];
        if (kind == TableKind.History)
        {
            validFrom = table.Text("validFrom") is { } from ? Find(table, "validFrom", from, mustBeThere: true) : null;
            if (validFrom is null || validFrom.Type != ColumnType.Timestamp || validFrom.IsArray)
                table.Error($"History '{name}' needs validFrom: a timestamp of {Events.Name} from which on a state holds.", "validFrom");
            else if (order[0] != validFrom)
                table.Error($"History '{name}' is ordered by '{order[0]}', but holds from '{validFrom}' on: states would overlap. Let orderBy begin with {validFrom}.", "orderBy");
            (deletedBy, deletedWhen) = Deletion(table, name);
            columns.AddRange([Own(DerivedTable.From, ColumnType.Timestamp, "From when on the state holds."), Own(DerivedTable.To, ColumnType.Timestamp, "Until when it holds, exclusive; NULL: it still does."),
                Own(DerivedTable.IsValid, ColumnType.Boolean, "Whether it is the state that holds now; exactly one of each key is."), Own(DerivedTable.IsDeleted, ColumnType.Boolean, "Whether the state is that of being deleted.")]);
        }
        foreach (var twice in columns.GroupBy(c => c.Name.ToLowerInvariant()).Where(g => g.Count() > 1))
            table.Error($"Table '{name}' would have column '{twice.Key}' {twice.Count()} times.", "columns");
        return new DerivedTable
        {
            Table = new Table
            {
                Schema = table.Text("schema") ?? Events.Schema,
                Name = name,
                Kind = kind,
                Dataset = dataset,
                Source = dataset.Root,
                Scope = 0,
                Columns = columns,
                DocumentKey = [],
            },
            Events = Events,
            Entity = entity,
            Order = order,
            Copied = copied,
            ValidFrom = validFrom,
            DeletedBy = deletedBy,
            DeletedWhen = deletedWhen,
        };
    }

    static Column Own(string name, ColumnType type, string description) =>
        new() { Name = name, Type = type, Field = new Field { Name = name, Path = "", Kind = FieldKind.Value, Description = description, ColumnType = type, Column = name } };

    /// <summary>A list of columns that keep their names, or a mapping: own name to the events' name.</summary>
    IEnumerable<(Column From, string Name)> Copied(YamlView table, string name)
    {
        var pairs = table.IsMap("columns") ? table.Map("columns", "columns")!.Pairs() : [.. (table.Texts("columns") ?? []).Select(c => (c, c))];
        if (pairs.Count == 0)
            table.Error($"'{name}' needs columns: a list of those of {Events.Name}, or a mapping of its own names to them.", "columns");
        foreach (var (own, from) in pairs)
        {
            if (own.StartsWith('_') || System.Text.Encoding.UTF8.GetByteCount(own) is 0 or > Identifier.MaxBytes || own.Contains('\0'))
                table.Error($"Column of '{name}' '{own}': a name has 1 to {Identifier.MaxBytes} bytes; those that begin with '_' are Quality's own.", "columns");
            if (Find(table, "columns", from, mustBeThere: false) is { } column)
                yield return (column, own);
        }
    }

    (Column?, IReadOnlyList<string>) Deletion(YamlView table, string name)
    {
        if (!table.Has("deletedWhen"))
            return (null, []);
        var rule = table.Map("deletedWhen", "deletedWhen")?.Only("column", "values");
        if (rule?.Text("column") is { } column && rule.Texts("values") is { Count: > 0 } values && Find(rule, "column", column, mustBeThere: false) is { } found)
        {
            if (found.Type != ColumnType.Text || found.IsArray)
                rule.Error($"'{column}' is no text: a deletion is told by a text.", "column");
            return (found, values);
        }
        rule?.Error($"deletedWhen of '{name}' needs column and values: which texts of which column tell a deletion.");
        return (null, []);
    }

    IReadOnlyList<Column> Columns(YamlView table, string property, bool mustBeThere) =>
        [.. (table.Texts(property) ?? []).Select(name => Find(table, property, name, mustBeThere)).OfType<Column>()];

    /// <param name="mustBeThere">A row without it could not be placed.</param>
    Column? Find(YamlView table, string property, string name, bool mustBeThere)
    {
        var column = Events.Columns.FirstOrDefault(c => c.Name == name);
        if (column is null)
            table.Error($"'{name}' is no column of {Events.Name}.{Names.DidYouMean(name, [.. Events.Columns.Select(c => c.Name)])}", property);
        else if (mustBeThere && !column.IsKey && column.Field?.Constraints.Required != true)
            table.Error($"'{name}' may be NULL; as '{property}' it must be required in the source.", property);
        else if (mustBeThere && (column.IsArray || column.Type is ColumnType.Jsonb or ColumnType.Double or ColumnType.Numeric))
            table.Error($"'{name}' is {column.SqlType}, which is no '{property}'.", property);
        return column;
    }
}
