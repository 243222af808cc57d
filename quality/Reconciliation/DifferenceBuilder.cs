using System.Text.Json.Nodes;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>Puts both sides of a differing row next to each other.</summary>
internal sealed class DifferenceBuilder(Table table)
{
    const string Masked = "***";
    const int ShownCharacters = 500;

    readonly RowHasher hasher = new(table);

    public Difference Build(DifferenceKind kind, ReadOnlySpan<byte> source, ReadOnlySpan<byte> warehouse, byte[]? position)
    {
        var key = kind == DifferenceKind.Unexpected ? warehouse : source;
        var cells = new Cell[table.Columns.Count];
        var shownKey = new List<string>();
        var keyJson = new JsonObject();
        for (int i = 0; i < cells.Length; i++)
        {
            var column = table.Columns[i];
            var left = source.IsEmpty ? default : RowFields.At(source, i);
            var right = warehouse.IsEmpty ? default : RowFields.At(warehouse, i);
            cells[i] = new Cell(column.Name, column.SqlType.Replace(" COLLATE \"C\"", "", StringComparison.Ordinal), Show(column, left), Show(column, right), Equal(i, left, right));
            if (!column.IsKey)
                continue;
            // The warehouse may have lost its key's NOT NULL; such a row is still one that the source does not know.
            string? value = TextOf(column, RowFields.At(key, i));
            keyJson.Add(column.Name, value);
            shownKey.Add($"{column.Name}={(value is null ? "NULL" : column.IsPersonal ? Masked : value)}");
        }
        return new Difference(table, kind, string.Join(", ", shownKey), keyJson.ToJsonString(), position, cells);
    }

    bool Equal(int column, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        bool leftNull = left.IsEmpty || RowFields.IsNull(left), rightNull = right.IsEmpty || RowFields.IsNull(right);
        return leftNull || rightNull
            ? leftNull && rightNull
            : left.SequenceEqual(right) || hasher.Column(column, left[4..]) == hasher.Column(column, right[4..]);
    }

    /// <summary>A field as PostgreSQL prints it, unmasked; null: NULL.</summary>
    public static string? TextOf(Column column, ReadOnlySpan<byte> field) => RowFields.IsNull(field) ? null : CellText.Of(column, field[4..]);

    static string? Show(Column column, ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty || RowFields.IsNull(field))
            return null;
        if (column.IsPersonal)
            return Masked;
        return ShownText.Clip(CellText.Of(column, field[4..]), ShownCharacters);
    }
}
