using Etl;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;
using Quality.Initialisation;

namespace Quality.External;

/// <summary>Finds for each column of a table the field of the documents that it was filled from, by its name; what has no counterpart is left out and said.</summary>
internal sealed class TableMatching
{
    readonly DescribedDataset dataset;
    readonly string schema, table;

    /// <summary>Columns that no field was found for yet, by their names in snake_case.</summary>
    readonly Dictionary<string, (string Name, string Type, string Declared)> free = [];

    readonly List<string> key;

    /// <exception cref="UsageException">A table's name cannot be read, or it has no key that documents have.</exception>
    /// <exception cref="UnavailableException">The table does not exist.</exception>
    public static async Task<IReadOnlyList<DescribedDataset>> MatchAsync(Warehouse warehouse, IReadOnlyList<DescribedDataset> datasets, IReadOnlyList<string> tables, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        var matched = new List<DescribedDataset>();
        foreach (var (dataset, name) in datasets.Zip(tables))
        {
            string[] parts = name.Split('.', 2);
            if (parts is not [{ Length: > 0 }, { Length: > 0 }])
                throw new UsageException($"--table '{name}' names no schema. Write schema.table.");
            var columns = await ForeignTable.TypesAsync(connection, parts[0], parts[1], cancellation);
            if (columns.Count == 0)
                throw new UnavailableException($"Table '{name}' does not exist in {warehouse}.{Names.DidYouMean(parts[1], await ForeignTable.NamesAsync(connection, parts[0], cancellation))}");
            matched.Add(new TableMatching(dataset, parts[0], parts[1], columns, await KeyAsync(connection, parts[0], parts[1], cancellation)).Match());
        }
        return matched;
    }

    TableMatching(DescribedDataset dataset, string schema, string table, Dictionary<string, (string Type, string Declared)> columns, List<string> key)
    {
        (this.dataset, this.schema, this.table, this.key) = (dataset, schema, table, key);
        foreach (var (name, type) in columns)
            free.TryAdd(Identifier.SnakeCase(name), (name, type.Type, type.Declared));
    }

    /// <summary>The primary key, or else the smallest unique index that is about whole rows of the table.</summary>
    static Task<List<string>> KeyAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellation) => connection.ListAsync<string>("""
        SELECT a.attname::text FROM (
          SELECT i.indrelid, i.indkey FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = $1 AND c.relname = $2 AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
          ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) k
        CROSS JOIN unnest(k.indkey) WITH ORDINALITY u(attnum, place) JOIN pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = u.attnum ORDER BY u.place
        """, cancellation, schema, table);

    DescribedDataset Match()
    {
        var columns = new Dictionary<DescribedField, string>();
        // The document's id first: a column that is called like it is nobody else's.
        var id = dataset.Fields.Single(f => f.Seen.Path == "_id");
        string? idColumn = IdNames().FirstOrDefault(n => free.ContainsKey(n) && (key.Count == 0 || key.Contains(free[n].Name)))
            ?? (key is [var only] && dataset.Fields.All(f => f == id || Identifier.SnakeCase(f.Name) != Identifier.SnakeCase(only)) ? Identifier.SnakeCase(only) : null);
        var fields = Matched(dataset.Fields, "", idColumn, columns);
        var missing = fields.Missing;
        // What is left may have lost the objects around it on the way.
        var kept = fields.Kept;
        var matched = new DescribedDataset
        {
            Name = dataset.Name,
            Documents = dataset.Documents,
            Sampled = dataset.Sampled,
            Fields = kept,
            ExternalSchema = schema,
            Table = table,
        };
        MarkKey(matched, columns);
        if (missing.Count > 0)
            matched.Doubts.Add($"without a column, so not compared: {string.Join(", ", missing)}");
        if (free.Count > 0)
            matched.Doubts.Add($"columns that no field was found for, so not compared: {string.Join(", ", free.Values.Select(c => $"{FieldInference.Shown(c.Name)} ({c.Declared})"))}");
        return matched;
    }

    IEnumerable<string> IdNames() => ["id", $"{Singular.Of(Identifier.SnakeCase(table))}_id", $"{Singular.Of(Identifier.SnakeCase(dataset.Name))}_id"];

    (IReadOnlyList<DescribedField> Kept, List<string> Missing) Matched(IReadOnlyList<DescribedField> fields, string prefix, string? idColumn, Dictionary<DescribedField, string> columns)
    {
        var (kept, missing) = (new List<DescribedField>(), new List<string>());
        foreach (var field in fields)
        {
            string name = prefix + Identifier.SnakeCase(field.Name);
            string wanted = field.Seen.Path == "_id" && field.Kind == FieldKind.Value ? idColumn ?? "" : free.ContainsKey(name) ? name : Identifier.SnakeCase(field.Name);
            if (free.TryGetValue(wanted, out var column) && ColumnFit.Of(field, column.Type, column.Declared) is { } fitted)
            {
                free.Remove(wanted);
                fitted.Column = column.Name;
                if (wanted != name && field.Seen.Path != "_id")
                    fitted.Doubts.Add("matched with its column by the last part of its path alone");
                columns[fitted] = column.Name;
                kept.Add(fitted);
            }
            else if (field.Kind == FieldKind.Object)
            {
                var (children, without) = Matched(field.Children, name + "_", idColumn, columns);
                missing.AddRange(without);
                if (children.Count > 0)
                    kept.Add(new DescribedField(field.Seen) { Kind = FieldKind.Object, Children = children });
            }
            else
                missing.Add(FieldInference.Shown(field.Seen.Path) + (free.TryGetValue(wanted, out var unfit) && wanted == name ? $" (its column is {unfit.Declared})" : ""));
        }
        return (kept, missing);
    }

    void MarkKey(DescribedDataset matched, Dictionary<DescribedField, string> columns)
    {
        var parts = key.Select(name => columns.FirstOrDefault(c => c.Value == name).Key).ToArray();
        if (key.Count == 0 || parts.Any(p => p is null))
        {
            var id = columns.Keys.FirstOrDefault(f => f.Seen.Path == "_id");
            if (id is null)
                throw new UsageException($"No field was found for the key of {schema}.{table} ({(key.Count == 0 ? "it has neither a primary key nor a unique index" : string.Join(", ", key))}), nor a column for _id: rows cannot be told apart. Write the mapping by hand (docs/external.md).");
            parts = [id];
            matched.Doubts.Add(key.Count == 0 ? "the table has neither a primary key nor a unique index: rows are told apart by _id" : $"no field was found for all of the table's key ({string.Join(", ", key)}): rows are told apart by _id");
        }
        foreach (var (position, part) in parts.Index())
        {
            part!.KeyPosition = position + 1;
            part.More.RemoveAll(m => m.Property is "tolerance" or "precision");
        }
    }
}
