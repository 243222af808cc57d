using Etl.Contracts;

namespace Etl.Tests.Contracts;

/// <summary>What a contract with external: true may say beyond others, and what no other may.</summary>
public sealed class A_mapping_of_foreign_tables
{
    static string External(params string[] properties) =>
        $"{ContractText.Head}customProperties: [{{ property: external, value: true }}]\nschema:\n  - name: things\n    properties:\n{string.Concat(properties.Select(p => $"      {p}\n"))}";

    static string Property(string name, string type, string custom) => $"- {{ name: {name}, logicalType: {type}, customProperties: [{custom}] }}";

    const string Id = "- { name: _id, logicalType: string, primaryKey: true, customProperties: [{ property: column, value: _id }] }";

    [Fact]
    public void Names_columns_that_begin_with_an_underscore_and_any_key()
    {
        var table = ContractText.Read(External(
            "- { name: _id, logicalType: object, properties: [{ name: shop, logicalType: string, primaryKey: true }, { name: weight, logicalType: number, primaryKey: true, primaryKeyPosition: 2 }] }",
            Property("batch", "integer", "{ property: column, value: _batch }"))).Tables.Single();
        Assert.Equal(["id_shop", "id_weight", "_batch"], table.Columns.Select(c => c.Name));
        Assert.Equal(2, table.Key.Count);
    }

    [Fact]
    public void Says_how_far_a_column_may_be_from_its_field()
    {
        var columns = ContractText.Read(External(Id,
            Property("n", "number", "{ property: tolerance, value: 0.005 }"),
            Property("t", "timestamp", "{ property: precision, value: s }, { property: columnZone, value: Europe/Berlin }"))).Tables.Single().Columns;
        Assert.Equal(new Closeness { Tolerance = 0.005m }, columns[1].Field!.Closeness);
        Assert.Equal(new Closeness { Microseconds = 1_000_000, ColumnZone = "Europe/Berlin" }, columns[2].Field!.Closeness);
        Assert.Equal((false, true, true), (columns[0].Field!.Closeness.IsLoose, columns[1].Field!.Closeness.IsLoose, columns[2].Field!.Closeness.IsLoose));
    }

    [Theory]
    [InlineData("string", "tolerance", "1", "customProperty 'tolerance' does not go with 'v': only a single number has it.")]
    [InlineData("number", "precision", "s", "customProperty 'precision' does not go with 'v': only a single timestamp has it.")]
    [InlineData("number", "tolerance", "-1", "'tolerance' of 'v' is what two numbers may differ by, from 0 on, not -1.")]
    [InlineData("timestamp", "precision", "week", "'precision' of 'v' is one of ms, s, min, h, d, not 'week'.")]
    [InlineData("timestamp", "columnZone", "Mars", "columnZone 'Mars' of 'v' is not known. Write UTC, or a name such as Europe/Berlin.")]
    public void Is_refused_where_a_tolerance_means_nothing(string type, string property, string value, string message) =>
        Assert.EndsWith(message, Assert.Single(ContractText.Errors(External(Id, Property("v", type, $"{{ property: {property}, value: {value} }}")))));

    [Fact]
    public void Is_refused_where_a_key_is_tolerated() =>
        Assert.EndsWith("'v' is a key: rows are found by it, so it has no tolerance.", Assert.Single(ContractText.Errors(External("- { name: v, logicalType: integer, primaryKey: true, customProperties: [{ property: tolerance, value: 1 }] }"))));

    [Fact]
    public void Is_the_only_contract_with_tolerances_and_such_names()
    {
        Assert.Contains("it goes with external: true of the contract", Assert.Single(ContractText.Errors(ContractText.Of(Property("v", "number", "{ property: tolerance, value: 1 }")))));
        Assert.Contains("are Quality's own", Assert.Single(ContractText.Errors(ContractText.Of(Property("v", "number", "{ property: column, value: _v }")))));
    }
}
