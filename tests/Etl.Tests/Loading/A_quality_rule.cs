using Etl.Loading;

namespace Etl.Tests.Loading;

/// <summary>Questions of the contract that the warehouse answers after a load.</summary>
public sealed class A_quality_rule
{
    const string Key = "    properties:\n      - name: _id\n        description: The user, for life.\n        logicalType: string\n        physicalType: objectId\n        primaryKey: true\n        required: true\n        customProperties: [{ property: column, value: user_id }]\n";

    static async Task<(Community Community, SyncResult Result, CheckResult Check)> AskAsync(string rule, params Person[] people)
    {
        var community = await Community.OnAsync("rule_asked");
        // Whoever calls it writes; a query that only reads cannot.
        await community.ExecuteAsync("CREATE OR REPLACE FUNCTION wipe() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN DELETE FROM community.users; RETURN 0; END'");
        community.Contract = A_sync.Edited(text => rule.StartsWith("slaProperties", StringComparison.Ordinal) ? text + rule + "\n" : text.Replace(Key, $"    quality:\n      - {rule}\n" + Key));
        community.Put(people);
        var result = await community.SyncAsync(2, null, "users");
        return (community, result, Assert.Single(result.Checks, c => c.Rule is "rowCount" or "sql" or "duplicateValues" or "freshness"));
    }

    static readonly Person[] Three = [new(1) { Age = 20 }, new(2) { Age = 30, Country = "FR" }, new(3) { Age = 30 }];

    [Theory]
    [InlineData("{ metric: rowCount, mustBe: 3 }", 3.0)]
    [InlineData("{ metric: rowCount, mustBeBetween: [2, 4] }", 3.0)]
    [InlineData("{ type: sql, query: 'SELECT max(age) FROM ${table}', mustBeLessThan: 31 }", 30.0)]
    [InlineData("{ metric: duplicateValues, arguments: { properties: [country, age] }, mustBe: 0 }", 0.0)]
    [InlineData("{ metric: duplicateValues, arguments: { properties: [country] }, mustBeLessThan: 67, unit: percent }", 66.7)]
    [InlineData("slaProperties:\n  - { property: freshness, value: 200000, unit: d, element: users.signUpDate }", null)]
    public async Task That_holds_is_written_with_what_was_measured(string rule, double? measured)
    {
        var (community, result, check) = await AskAsync(rule, Three);
        await using var _ = community;
        await community.BooksCloseAsync(result);
        Assert.True(check.Holds);
        if (measured is { } value)
            Assert.Equal(value, (double)check.Measured!.Value, 0.05);
        Assert.Equal(["true 0"], await community.ListAsync($"SELECT holds || ' ' || failing FROM quality.checks WHERE rule = '{check.Rule}' AND measured IS NOT NULL AND expected IS NOT NULL"));
    }

    [Theory]
    [InlineData("{ metric: rowCount, mustBe: 4, name: all there }", "Quality rule 'all there' on community.users: measured 3 rows, must be 4. The rows stay.")]
    [InlineData("{ type: sql, query: 'SELECT count(*) FROM ${object} WHERE age = 30', mustBe: 0 }", "Quality rule 'sql' on community.users: measured 2 rows, must be 0. The rows stay.")]
    [InlineData("{ metric: duplicateValues, arguments: { properties: [age] }, mustBe: 0 }", "Quality rule 'duplicateValues' on community.users: measured 2 rows, must be 0. The rows stay.")]
    [InlineData("slaProperties:\n  - { property: freshness, value: 1, unit: min, element: users.signUpDate }", "Quality rule 'freshness' on community.users.signed_up_at: measured ")]
    public async Task That_is_broken_makes_the_run_mismatched_and_leaves_the_rows(string rule, string reason)
    {
        var (community, result, check) = await AskAsync(rule, Three);
        await using var _ = community;
        Assert.False(check.Holds);
        Assert.Equal(Verdict.Mismatched, result.Verdict);
        Assert.StartsWith(reason, result.Reason);
        await community.HoldsAsync(Three);
        Assert.Equal(1, await community.CountAsync($"SELECT count(*) FROM quality.checks WHERE NOT holds AND NOT warns AND failing > 0 AND rule = '{check.Rule}'"));
    }

    [Fact]
    public async Task That_only_warns_leaves_the_verdict()
    {
        var (community, result, check) = await AskAsync("{ metric: rowCount, mustBe: 4, severity: warning }", Three);
        await using var _ = community;
        Assert.Equal((false, true, Verdict.Reconciled), (check.Holds, check.Warns, result.Verdict));
        Assert.Equal(1, await community.CountAsync("SELECT count(*) FROM quality.checks WHERE NOT holds AND warns AND rule = 'rowCount'"));
    }

    [Theory]
    [InlineData("{ type: sql, query: 'SELECT max(age) FROM ${table} WHERE age > 1000', mustBe: 0 }", "there is nothing to measure")]
    [InlineData("{ type: sql, query: 'SELECT 1 / (count(*) - 3) FROM ${table}', mustBe: 0 }", "division by zero (22012)")]
    [InlineData("{ type: sql, query: 'SELECT min(country) FROM ${table}', mustBe: 0 }", "invalid input syntax for type numeric")]
    [InlineData("{ type: sql, query: 'SELECT 1 FROM ${table}', mustBe: 1 }", "more than one row returned by a subquery")]
    [InlineData("{ type: sql, query: 'SELECT nothing FROM ${table}', mustBe: 1 }", "column \"nothing\" does not exist")]
    [InlineData("{ type: sql, query: 'SELECT wipe()', mustBe: 0 }", "cannot execute DELETE in a read-only transaction (25006)")]
    public async Task That_cannot_be_measured_makes_the_run_unknown_says_why_and_changes_nothing(string rule, string why)
    {
        var (community, result, check) = await AskAsync(rule, Three);
        await using var _ = community;
        Assert.Null(check.Holds);
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Assert.Contains(why, result.Reason);
        await community.HoldsAsync(Three);
        Assert.Equal(1, await community.CountAsync("SELECT count(*) FROM quality.checks WHERE holds IS NULL AND rule = 'sql'"));
    }

    /// <summary>PostgreSQL's messages quote the value that they stumble over.</summary>
    [Theory]
    [InlineData("SELECT sum(first_name::int) FROM ${table}", "invalid input syntax for type integer: *** (22P02)")]
    [InlineData("SELECT min(first_name) FROM ${table}", "invalid input syntax for type numeric: *** (22P02)")]
    [InlineData("SELECT tell(first_name) FROM ${table} LIMIT 1", "*** (P0001)")]
    public async Task That_cannot_be_measured_tells_nothing_personal(string query, string why)
    {
        await using (var any = await Community.OnAsync("rule_tells"))
            await any.ExecuteAsync("CREATE OR REPLACE FUNCTION tell(who text) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''it is %'', who; END'");
        var (community, result, check) = await AskAsync($"{{ type: sql, query: '{query}', mustBe: 0 }}", Three);
        await using var _ = community;
        Assert.Equal(why, check.Failure);
        Assert.DoesNotContain("Ada", result.Reason);
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.checks WHERE expected LIKE '%Ada%'"));
    }

    [Fact]
    public async Task About_freshness_is_unknown_where_there_is_no_row_and_does_not_see_rows_that_are_only_kept()
    {
        const string rule = "slaProperties:\n  - { property: freshness, value: 200000, unit: d, element: users.signUpDate }";
        var (community, result, _) = await AskAsync(rule);
        await using var __ = community;
        Assert.Equal(Verdict.Unknown, result.Verdict);
        community.Contract = A_sync.Edited(text => text.Replace("value: signUpDate }\n", "value: signUpDate }\n      - { property: deletes, value: soft }\n") + rule + "\n");
        community.Put(Three[0]);
        Assert.Equal(Verdict.Reconciled, (await community.SyncAsync(2, null, "users")).Verdict);
        community.Source.Remove("users", Three[0].Position);
        Assert.Equal(Verdict.Unknown, (await community.SyncAsync(2, null, "users")).Verdict);
    }
}
