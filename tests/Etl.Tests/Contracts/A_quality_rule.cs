using Etl.Contracts;
using Etl.Loading;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Contracts;

/// <summary>Rules that the warehouse must answer: their SQL is run against a real one.</summary>
public sealed class A_quality_rule
{
    internal static readonly string Text = ContractText.Of(
        "- { name: code, logicalType: string, quality: [{ metric: nullValues, mustBe: 0 }, { metric: duplicateValues, mustBe: 0, name: one code each, severity: warning }, { metric: missingValues, arguments: { missingValues: ['', 'n/a'''] }, mustBeLessThan: 50, unit: percent }] }",
        "- { name: amount, logicalType: number, quality: [{ metric: invalidValues, arguments: { validValues: ['5', '0.5'] }, mustBeLessOrEqualTo: 1 }, { type: sql, query: 'SELECT max(${column}) FROM ${table}', mustBeBetween: [0, 10] }] }",
        "- { name: at, logicalType: timestamp }",
        "- { name: lines, logicalType: array, items: { logicalType: object, properties: [{ name: n, logicalType: integer, quality: [{ metric: nullValues, mustBe: 0, unit: percent }] }] } }") + """
            quality:
              - { metric: rowCount, mustBeGreaterThan: 3 }
              - { metric: duplicateValues, arguments: { properties: [code, amount] }, mustBe: 0 }
              - { type: text, description: People should be content. }
              - { type: sql, name: orphans, query: "SELECT count(*) FROM ${object} WHERE code = 'none'", mustNotBe: 7 }
        slaDefaultElement: things.at
        slaProperties:
          - { property: freshness, value: 2, unit: h, description: at most two hours old }
          - { property: retention, value: 3, unit: y }
        """;

    static readonly Contract Contract = ContractText.Read(Text);

    [Fact]
    public void Becomes_a_check_with_its_place_and_severity() => Assert.Equal(
        [
            "test.things: rowCount must be more than 3 rows", "test.things: duplicateValues must be 0 rows", "test.things: orphans must be anything but 7 rows",
            "test.things.code: nullValues must be 0 rows", "test.things.code: one code each must be 0 rows", "test.things.code: missingValues must be less than 50 percent",
            "test.things.amount: invalidValues must be at most 1 rows", "test.things.amount: sql must be between 0 and 10 rows", "test.lines.n: nullValues must be 0 percent",
            "test.things.at: at most two hours old must be at most 7200 seconds",
        ],
        Contract.Datasets[0].Checks.Select(c => c.ToString()));

    static async Task<Dictionary<string, decimal?>> Measure(NpgsqlConnection connection, DateTime now)
    {
        var measured = new Dictionary<string, decimal?>();
        foreach (var check in Contract.Datasets[0].Checks)
        {
            await using var command = new NpgsqlCommand(check.Sql, connection);
            if (check.TakesNow)
                command.Parameters.Add(new NpgsqlParameter { Value = now });
            measured.Add($"{check.Column} {check.Name}".Trim(), await command.ExecuteScalarAsync() as decimal?);
        }
        return measured;
    }

    [Fact]
    public async Task Is_answered_by_the_warehouse()
    {
        await using var connection = new NpgsqlConnection(await Postgres.DatabaseAsync("quality_rules"));
        await connection.OpenAsync();
        foreach (var table in Contract.Tables)
            foreach (string statement in TableSql.Create(table).Prepend(TableSql.CreateSchema(table)))
                await connection.RunAsync(statement, CancellationToken.None);
        var now = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

        var empty = await Measure(connection, now);
        Assert.Equal((0m, 0m, null, null, null), (empty["rowCount"], empty["code nullValues"], empty["code missingValues"], empty["amount sql"], empty["at at most two hours old"]));
        Assert.Null(Contract.Datasets[0].Checks[^1].Holds(null)); // nothing measured: unknown

        await connection.RunAsync("""
            INSERT INTO test.things (id, code, amount, at) VALUES
              (1, 'a', 5.00, '2026-01-01 09:00Z'), (2, 'a', 0.5, '2026-01-01 10:30Z'), (3, NULL, 7, NULL), (4, 'n/a''', NULL, NULL), (5, 'a', 5, NULL)
            """, CancellationToken.None);
        await connection.RunAsync("INSERT INTO test.lines (id, ordinal, n) VALUES (1, 0, 1), (1, 1, NULL), (1, 2, NULL), (1, 3, NULL)", CancellationToken.None);
        var measured = await Measure(connection, now);
        Assert.Equal(
            new Dictionary<string, decimal?>
            {
                ["rowCount"] = 5,
                ["duplicateValues"] = 2,
                ["orphans"] = 0,
                ["code nullValues"] = 1,
                ["code one code each"] = 3,
                ["code missingValues"] = 40,
                ["amount invalidValues"] = 1,
                ["amount sql"] = 7,
                ["n nullValues"] = 75,
                ["at at most two hours old"] = 5_400,
            },
            measured.ToDictionary(m => m.Key, m => m.Value is { } v ? (decimal?)(v / 1.000000000000000000000000000000m) : null));
        Assert.Equal([true, false, true, false, false, true, true, true, false, true], Contract.Datasets[0].Checks.Zip(measured.Values, (c, m) => c.Holds(m)!.Value));
    }

    [Theory]
    [InlineData("{ property: freshness, value: 2, unit: fortnight, element: things.at }", "unit 'fortnight' of freshness is not known.")]
    [InlineData("{ property: freshness, value: 2, unit: h, element: things.att }", "'things.att' is not a timestamp that is loaded, as dataset.path. Did you mean 'things.at'?")]
    [InlineData("{ property: freshness, value: 0, unit: h, element: things.at }", "Freshness is a time of more than nothing, not 0 h.")]
    [InlineData("{ property: latency, value: 2, unit: h }", "Freshness needs an element: dataset and timestamp")]
    [InlineData("{ property: freshness, value: soon, unit: h, element: things.at }", "'value' of a service level must be a number, not 'soon'.")]
    public void Of_freshness_is_refused_where_it_is_wrong(string service, string message) => Assert.Contains(
        ContractText.Errors(ContractText.Of("- { name: at, logicalType: timestamp }") + $"slaProperties: [{service}]\n"), e => e.Contains(message, StringComparison.Ordinal));

    [Theory]
    [InlineData("{ metric: duplicateValues, mustBe: 0 }", "needs arguments.properties")]
    [InlineData("{ metric: duplicateValues, arguments: { properties: [aa] }, mustBe: 0 }", "'aa' is no property of table 'things'.")]
    [InlineData("{ metric: nullValues, mustBe: 0 }", "The quality rule of 'things' is not supported.")]
    [InlineData("{ type: sql, query: 'SELECT ${column}', mustBe: 0 }", "'${column}' has no meaning in a rule of the whole table.")]
    public void Of_a_dataset_is_refused_where_it_is_wrong(string rule, string message) => Assert.Contains(
        ContractText.Errors(ContractText.Of("- { name: at, logicalType: timestamp }") + $"    quality: [{rule}]\n"), e => e.Contains(message, StringComparison.Ordinal));

    /// <summary>Which of 4, 5, 6, 8 and 9 each operator allows, of 5 and 8.</summary>
    [Theory]
    [InlineData(Comparison.Equal, "5")]
    [InlineData(Comparison.NotEqual, "4 6 8 9")]
    [InlineData(Comparison.GreaterThan, "6 8 9")]
    [InlineData(Comparison.GreaterOrEqual, "5 6 8 9")]
    [InlineData(Comparison.LessThan, "4")]
    [InlineData(Comparison.LessOrEqual, "4 5")]
    [InlineData(Comparison.Between, "5 6 8")]
    [InlineData(Comparison.NotBetween, "4 9")]
    public void Compares_by_the_standards_operators(Comparison comparison, string allowed) =>
        Assert.Equal(allowed, string.Join(' ', new[] { 4m, 5m, 6m, 8m, 9m }.Where(new Expectation(comparison, 5, 8).Allows)));
}
