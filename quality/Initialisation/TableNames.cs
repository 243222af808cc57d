using Etl.Contracts;

namespace Quality.Initialisation;

/// <summary>Gives every table and column a name that PostgreSQL keeps whole and that none other has: the one that follows from the field's, wherever that will do.</summary>
internal sealed class TableNames
{
    /// <summary>Columns that PostgreSQL gives every table.</summary>
    static readonly string[] System = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

    readonly HashSet<string> tables = [];

    public static void Give(IReadOnlyList<DescribedDataset> datasets)
    {
        var names = new TableNames();
        foreach (var dataset in datasets)
            dataset.Table = Free(Identifier.SnakeCase(dataset.Name), names.tables, "documents");
        foreach (var dataset in datasets)
            names.Give(dataset.Fields, [], dataset.Table, 0);
    }

    /// <param name="around">The key columns of the rows around, which these rows repeat.</param>
    /// <param name="table">Whose columns these are.</param>
    /// <param name="scope">How many arrays enclose the rows.</param>
    void Give(IReadOnlyList<DescribedField> fields, IReadOnlyList<string> around, string table, int scope)
    {
        var columns = Columns(fields, "").ToArray();
        var taken = new HashSet<string>([.. System, .. around]);
        var keys = new List<string>(around);
        if (scope > 0 && columns.All(c => c.Field.KeyPosition == 0))
            keys.Add(Free(scope == 1 ? "ordinal" : $"ordinal_{scope}", taken, ""));
        foreach (var (field, name) in columns.OrderBy(c => c.Field.KeyPosition == 0))
        {
            string given = Free(field.KeyPosition > 0 && name == "id" ? IdOf(table, columns, taken) : name, taken, "field");
            if (given != name)
                field.Column = given;
            if (field.KeyPosition > 0)
                keys.Add(given);
        }
        foreach (var rows in Rows(fields))
        {
            string own = Identifier.SnakeCase(rows.Name), name = Free(tables.Contains(own) ? $"{table}_{own}" : own, tables, $"{table}_rows");
            if (name != own)
                rows.Table = name;
            Give(rows.Children, keys, name, scope + 1);
        }
    }

    /// <summary>In rows further in a bare 'id' would not say whose it is.</summary>
    static string IdOf(string table, IEnumerable<(DescribedField Field, string Name)> columns, HashSet<string> taken)
    {
        string full = $"{Singular.Of(table)}_id";
        return taken.Contains(full) || columns.Any(c => c.Name == full) ? columns.Count(c => c.Name == "id") > 1 ? "document_id" : "id" : full;
    }

    /// <summary>The fields that become columns of the table, each with the name that follows from its path.</summary>
    static IEnumerable<(DescribedField Field, string Name)> Columns(IEnumerable<DescribedField> fields, string prefix) => fields.SelectMany(f => f.Kind switch
    {
        FieldKind.Value => [(f, prefix + Identifier.SnakeCase(f.Name))],
        FieldKind.Object => Columns(f.Children, $"{prefix}{Identifier.SnakeCase(f.Name)}_"),
        _ => [],
    });

    static IEnumerable<DescribedField> Rows(IEnumerable<DescribedField> fields) =>
        fields.SelectMany(f => f.Kind switch { FieldKind.Rows => [f], FieldKind.Object => Rows(f.Children), _ => (IEnumerable<DescribedField>)[] });

    /// <summary>The name itself, or one like it that is free; takes it.</summary>
    /// <param name="instead">Of a name without letters and digits.</param>
    static string Free(string name, HashSet<string> taken, string instead)
    {
        string wanted = name.Trim('_').Length == 0 ? instead : name.TrimStart('_');
        string free = Identifier.Fit(wanted);
        for (int n = 2; !taken.Add(free.ToLowerInvariant()); n++)
            free = Identifier.Fit($"{wanted}_{n}");
        return free;
    }
}
