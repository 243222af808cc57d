using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

/// <summary>What was found, in the form that a test compares.</summary>
static class Findings
{
    public static TableResult Of(this ReconcileResult result, string table) => result.Tables.Single(t => t.Table.Name == table);

    public static (long Missing, long Changed, long Unexpected) Counts(this TableResult table) => (table.Missing, table.Changed, table.Unexpected);

    public static string[] Keys(this TableResult table, DifferenceKind kind) => [.. table.Differences.Where(d => d.Kind == kind).Select(d => d.Key).Order(StringComparer.Ordinal)];

    public static Cell Cell(this Difference difference, string column) => difference.Cells.Single(c => c.Column == column);

    /// <summary>Exactly the planted rows, by key and kind; and the numbers agree with them.</summary>
    public static void AssertExactly(Planter.Planted planted, TableResult found)
    {
        Assert.Equal(Sorted(planted.Missing), found.Keys(DifferenceKind.Missing));
        Assert.Equal(Sorted(planted.Changed), found.Keys(DifferenceKind.Changed));
        Assert.Equal(Sorted(planted.Unexpected), found.Keys(DifferenceKind.Unexpected));
        Assert.Equal((planted.Missing.Length, planted.Changed.Length, planted.Unexpected.Length), found.Counts());
        Assert.Equal(found.Source - planted.Missing.Length - planted.Changed.Length, found.Matched);
        Assert.Equal(found.Source - planted.Missing.Length + planted.Unexpected.Length + found.Unreferenced, found.Warehouse);
    }

    static string[] Sorted(string[] keys) => [.. keys.Order(StringComparer.Ordinal)];
}
