using System.Text;
using Etl.Documents;

namespace Etl.Contracts;

/// <summary>Derives a dataset's tables from the description of its documents (docs/contracts.md has the rules).</summary>
internal sealed class TableDerivation(Dataset dataset, string schema, YamlView entry)
{
    const int PostgresColumns = 1_600, MostColumns = PostgresColumns - 5; // _hash, _version, _run_id, _loaded_at, _deleted_at

    readonly List<Table> tables = [];

    /// <summary>The columns that rows further in repeat: the keys on the way, and what is marked 'inherit'.</summary>
    sealed record Surroundings(IReadOnlyList<Column> Keys, IReadOnlyList<Column> Inherited, IReadOnlyList<Column> DocumentKey);

    public IReadOnlyList<Table> Derive()
    {
        CheckKey();
        Add(dataset.Root, TableKind.Root, 0, new Surroundings([], [], []));
        if (tables.Count == 0)
            entry.Error($"Dataset '{dataset.Name}' gives no table: the document has none and holds no array or object that has one.");
        if (!dataset.IsOrdered && tables is not ([] or [{ Kind: TableKind.Root }]))
            entry.Error($"Dataset '{dataset.Name}' gives {tables.Count} tables; {(dataset.LoadsEvents ? "of events" : "read by position")} each document is one row of one table. Keep arrays and objects with columnType jsonb, or as columns.");
        return tables;
    }

    void CheckKey()
    {
        if (dataset.Key.Count == 0)
            entry.Error($"Dataset '{dataset.Name}' needs a key: mark one property with primaryKey: true.");
        else if (dataset.IsExternal)
            return; // nothing is loaded, so rows need not sort as their documents do
        else if (!dataset.IsOrdered && dataset.Key.FirstOrDefault(k => k.ColumnType is ColumnType.Double or ColumnType.Numeric or ColumnType.Jsonb || k.IsArray) is { } unfit)
            entry.Error($"'{unfit.Path}' cannot be a key of '{dataset.Name}': a key is text, a whole number, a timestamp, a boolean, a uuid or bytes.");
        else if (dataset.Key.Count > 1 && dataset.Key.Any(k => k.IsContentHash))
            entry.Error($"A hash of its content identifies a document of '{dataset.Name}' alone; the other keys say nothing.");
        else if (dataset.IsOrdered && (dataset.Key is not [{ Name: "_id", ColumnType: not (ColumnType.Bytea or ColumnType.Double or ColumnType.Numeric), LegacyUuid: LegacyUuid.None, Accepted: var types }]
            || types.Contains(BsonType.String) && types.Contains(BsonType.ObjectId)))
            // Rows are removed as gone by ranges of the key. PostgreSQL sorts NaN, binaries, legacy UUIDs and mixed types otherwise than MongoDB does.
            entry.Error($"The key of '{dataset.Name}' must be _id alone, as text of one type, whole number, timestamp, boolean or uuid without uuidOrder: documents are read in the order of _id, and their rows must sort alike.");
    }

    void Add(Field source, TableKind kind, int scope, Surroundings around)
    {
        var columns = new List<Column>();
        var opened = new List<(Field Field, TableKind Kind, int Scope)>();
        Collect(source, scope, "", columns, opened);

        var ownKey = columns.Where(c => c.Field!.KeyPosition > 0).OrderBy(c => c.Field!.KeyPosition).Select(AsKey).ToList();
        var others = columns.Where(c => c.Field!.KeyPosition == 0).ToList();
        var documentKey = kind == TableKind.Root ? ownKey : around.DocumentKey;
        IReadOnlyList<Column> all = kind switch
        {
            TableKind.Root or TableKind.Shared => [.. ownKey, .. others],
            _ when ownKey.Count > 0 => [.. ownKey, .. around.Keys.Select(AsPlain), .. around.Inherited, .. others],
            TableKind.Nested => [.. around.Keys.Select(AsKey), .. around.Inherited, .. others],
            _ => [.. around.Keys.Reverse().Select(AsKey), Ordinal(scope), .. around.Inherited, .. others],
        };
        if (kind == TableKind.Shared && ownKey.Count == 0)
            entry.Error($"Shared table '{source.TableName}' needs a key of its own: mark one property of '{source.Path}' with primaryKey: true.");
        if (source.TableName is { Length: > 0 } name)
        {
            Check(name, all);
            tables.Add(new Table
            {
                Schema = schema,
                Name = name,
                Kind = kind,
                Dataset = dataset,
                Source = source,
                Scope = scope,
                Columns = all,
                DocumentKey = kind == TableKind.Shared ? [] : [.. all.Where(c => documentKey.Any(k => k.Field == c.Field && k.Scope == c.Scope))],
            });
        }
        else
            foreach (var lost in others.Where(c => !c.Field!.Inherit))
                entry.Error($"'{lost.Field!.Path}' has no table to stand in: '{(source.Path.Length > 0 ? source.Path : dataset.Name)}' has none. Mark it with customProperty inherit (repeated in the child rows) or column: none.");
        // The nearest key comes first in the rows further in: (invoice_id, subscription_id, user_id).
        var keys = kind == TableKind.Shared ? around.Keys
            : [.. ownKey, .. kind == TableKind.Child && ownKey.Count == 0 ? [Ordinal(scope)] : Array.Empty<Column>(), .. around.Keys];
        var inherited = others.Where(c => c.Field!.Inherit).Concat(around.Inherited).ToList();
        foreach (var (field, openedKind, openedScope) in opened)
            Add(field, openedKind, openedScope, new Surroundings(keys, inherited, documentKey));
    }

    /// <summary>Columns of the fields that belong to this table, and the objects and arrays that open others.</summary>
    static void Collect(Field source, int scope, string prefix, List<Column> columns, List<(Field, TableKind, int)> opened)
    {
        foreach (var field in source.Children)
        {
            string name = prefix + Identifier.SnakeCase(field.Name);
            switch (field.Kind)
            {
                case FieldKind.Value when field.Column is { } column:
                    columns.Add(new Column { Name = column.Length > 0 ? column : name, Type = field.ColumnType, IsArray = field.IsArray, Field = field, Scope = scope });
                    break;
                case FieldKind.Object when field.TableName is null:
                    Collect(field, scope, name + "_", columns, opened);
                    break;
                case FieldKind.Object:
                    opened.Add((field, field.IsShared ? TableKind.Shared : TableKind.Nested, scope));
                    if (field.IsShared) // the row refers to the dimension by its key
                        foreach (var key in field.Children.Where(f => f.KeyPosition > 0).OrderBy(f => f.KeyPosition))
                            columns.Add(new Column { Name = key.Column is { Length: > 0 } c ? c : Identifier.SnakeCase(key.Name), Type = key.ColumnType, Field = Reference(key), Scope = scope });
                    break;
                case FieldKind.Rows:
                    opened.Add((field, TableKind.Child, scope + 1));
                    break;
            }
        }
    }

    /// <summary>The same field seen from outside: there it is no key, and missing where the whole object is missing.</summary>
    static Field Reference(Field key) => new()
    {
        Name = key.Name,
        Path = key.Path,
        Kind = FieldKind.Value,
        Column = key.Column,
        ColumnType = key.ColumnType,
        Accepted = key.Accepted,
        LegacyUuid = key.LegacyUuid,
        PhysicalType = key.PhysicalType,
        IsPersonal = key.IsPersonal,
        Cleaning = key.Cleaning,
        Time = key.Time,
        Description = key.Description,
    };

    static Column AsKey(Column c) => new() { Name = c.Name, Type = c.Type, IsArray = c.IsArray, Field = c.Field, Scope = c.Scope, IsKey = true };
    static Column AsPlain(Column c) => new() { Name = c.Name, Type = c.Type, IsArray = c.IsArray, Field = c.Field, Scope = c.Scope };
    static Column Ordinal(int scope) => new() { Name = scope == 1 ? "ordinal" : $"ordinal_{scope}", Type = ColumnType.Integer, Scope = scope, IsKey = true };

    void Check(string table, IReadOnlyList<Column> columns)
    {
        CheckName(table, "Table");
        if (tables.Any(t => t.Name == table))
            entry.Error($"Table '{table}' is opened twice in dataset '{dataset.Name}'.");
        if (columns.Count > MostColumns)
            entry.Error($"Table '{table}' would have {columns.Count} columns; PostgreSQL takes 1600, of which Quality needs {PostgresColumns - MostColumns}. Gather fields that belong together in one jsonb column, or give objects tables of their own.");
        foreach (var column in columns)
            CheckName(column.Name, $"Column of '{table}'");
        foreach (var twice in columns.GroupBy(c => c.Name.ToLowerInvariant()).Where(g => g.Count() > 1))
            entry.Error($"Table '{table}' would have column '{twice.Key}' {twice.Count()} times ({string.Join(", ", twice.Select(c => c.Field?.Path ?? "ordinal"))}). Name them with customProperty 'column'.");
    }

    void CheckName(string name, string what)
    {
        if (Encoding.UTF8.GetByteCount(name) is 0 or > Identifier.MaxBytes || name.Contains('\0'))
            entry.Error($"{what} '{name}' is not a name that PostgreSQL keeps whole: 1 to {Identifier.MaxBytes} bytes.");
        else if (name.StartsWith('_') && !dataset.IsExternal)
            entry.Error($"{what} '{name}': names that begin with '_' are Quality's own.");
    }
}
