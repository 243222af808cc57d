using System.Xml.Linq;
using Etl.Contracts;
using Etl.Loading;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>What the contract asks besides equality is asked at each reconciliation, of the tables as they stand.</summary>
public sealed class Checks_of_the_tables
{
    const string Database = "table_checks";

    /// <summary>The shipped contract with rules added to the users.</summary>
    static string Contract(string quality = "", string custom = "", string age = "", string groupId = "")
    {
        string folder = Scratch.Folder("checked"), text = File.ReadAllText(Path.Combine(SyncedCommunity.ShippedContract, "contract.yaml"));
        text = Edited(text, "  - name: users\n", $"  - name: users\n{(quality.Length > 0 ? $"    quality:\n      - {quality}\n" : "")}");
        if (custom.Length > 0)
            text = Edited(text, "      - { property: partitionBy, value: signUpDate }\n", $"      - {{ property: partitionBy, value: signUpDate }}\n      - {custom}\n");
        if (age.Length > 0)
            text = Edited(text, "      - name: age\n", $"      - name: age\n        quality:\n          - {age}\n");
        if (groupId.Length > 0)
            text = Edited(text, "      - name: groupId\n", $"      - name: groupId\n        relationships:\n          - {groupId}\n");
        File.WriteAllText(Path.Combine(folder, "contract.yaml"), text);
        return folder;
    }

    static string Edited(string text, string from, string to)
    {
        Assert.Contains(from, text);
        int at = text.IndexOf(from, StringComparison.Ordinal);
        return text[..at] + to + text[(at + from.Length)..];
    }

    static async Task<SyncedCommunity> StartAsync(string contract)
    {
        var community = await SyncedCommunity.StartAsync(Database, contract, async c =>
        {
            await c.CommandAsync(w => w.Write("create", "groups"));
            await c.CommandAsync(w => w.Write("create", "messages"));
            await c.InsertAsync("users", [.. Enumerable.Range(1, 30).Select(i => SyncedCommunity.User(i, age: 20 + i))]);
        });
        return community;
    }

    [Theory]
    [InlineData("{ metric: rowCount, mustBeBetween: [30, 40] }", "", "DELETE FROM community.users WHERE age < 25", "rowCount")]
    [InlineData("{ metric: duplicateValues, arguments: { properties: [age] }, mustBe: 0 }", "", "UPDATE community.users SET age = 30 WHERE age = 31", "duplicateValues")]
    [InlineData("{ type: sql, query: 'SELECT max(age) FROM ${table}', mustBeLessThan: 60 }", "", "UPDATE community.users SET age = 60 WHERE age = 31", "sql")]
    [InlineData("", "{ metric: nullValues, mustBeLessThan: 10, unit: percent }", "UPDATE community.users SET age = NULL WHERE age < 30", "nullValues")]
    public async Task Spoil_the_verdict_when_they_break_and_not_before(string quality, string age, string damage, string rule)
    {
        await using var community = await StartAsync(Contract(quality, age: age));
        var clean = await community.ReconcileAsync();
        Assert.Equal((Verdict.Reconciled, true), (clean.Verdict, clean.Checks.Single(c => c.Rule == rule).Holds));

        await community.ExecuteAsync(damage);
        var found = await community.ReconcileAsync();
        Assert.Equal((Verdict.Mismatched, false), (found.Verdict, found.Checks.Single(c => c.Rule == rule).Holds));
        Assert.Contains("Check '", found.Reason);
        Assert.Equal(1L, await community.ScalarAsync<long>($"SELECT count(*) FROM quality.checks WHERE run_id = {found.Run} AND rule = '{rule}' AND NOT holds"));
    }

    [Fact]
    public async Task Are_a_mismatch_also_where_both_sides_are_equal_and_unknown_where_they_cannot_be_asked()
    {
        await using var community = await StartAsync(Contract("{ metric: rowCount, mustBe: 31 }"));
        var broken = await community.ReconcileAsync();
        Assert.Equal((Verdict.Mismatched, 0L, "Check 'rowCount' on community.users: measured 30 rows, must be 31."), (broken.Verdict, broken.Tables.Sum(t => t.DifferenceCount), broken.Reason));

        await using var asking = await StartAsync(Contract("{ type: sql, query: 'SELECT count(*) FROM nowhere', mustBe: 0 }"));
        var unknown = await asking.ReconcileAsync();
        Assert.Equal((Verdict.Unknown, true), (unknown.Verdict, unknown.Reason.Contains("could not be answered", StringComparison.Ordinal)));

        await using var warned = await StartAsync(Contract("{ metric: rowCount, mustBe: 31, severity: warning }"));
        Assert.Equal(Verdict.Reconciled, (await warned.ReconcileAsync()).Verdict);
    }

    [Fact]
    public async Task Find_rows_that_refer_to_nothing()
    {
        await using var community = await StartAsync(Contract(groupId: "{ to: groups._id }"));
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);
        await community.ExecuteAsync("UPDATE community.users SET group_id = 'nowhere' WHERE age < 23");
        var check = (await community.ReconcileAsync()).Checks.Single(c => c.Rule == "references");
        Assert.Equal((false, 2m, "community.users.group_id"), (check.Holds, check.Measured, check.Place));
    }

    [Theory]
    [InlineData("{ to: groups.nothing }", "'groups.nothing' is no property that is loaded")]
    [InlineData("{ to: users.age }", "no value of the one is a value of the other")]
    [InlineData("{ to: groups._id, type: friendship }", "type 'friendship' of a relationship is not known")]
    public void Are_refused_where_they_can_refer_to_nothing(string relationship, string error) =>
        Assert.Contains(error, Assert.ThrowsAny<Exception>(() => ContractReader.Read(Contract(groupId: relationship))).Message);

    [Theory]
    [InlineData(new long[] { 100, 100, 100, 100 }, null, null)] // too few
    [InlineData(new long[] { 1000, 1000, 1000, 1000, 1000 }, 900.0, 1100.0)] // never changed: 10 %
    [InlineData(new long[] { 1, 1, 1, 1, 1 }, 0.0, 11.0)] // 10 rows
    [InlineData(new long[] { 800, 900, 1000, 1100, 1200 }, 481.09, 1518.91)] // distances 0 100 100 200 200: median 100
    [InlineData(new long[] { 1000, 1000, 1000, 1000, 1_000_000 }, 900.0, 1100.0)] // one wild run moves nothing
    public void Call_usual_what_earlier_loads_had(long[] earlier, double? lowest, double? highest)
    {
        var usual = VolumeHistory.Usual(earlier);
        Assert.Equal(lowest, usual is var (_, low, _) ? Math.Round(low, 2) : null);
        Assert.Equal(highest, usual is var (_, _, high) ? Math.Round(high, 2) : null);
    }

    [Fact]
    public async Task Say_that_there_is_not_enough_history_and_then_find_an_unusual_number_of_rows()
    {
        await using var community = await StartAsync(Contract(custom: "{ property: volume, value: error }"));
        var first = await community.ReconcileAsync();
        var check = first.Checks.Single(c => c.Rule == VolumeHistory.Rule && c.Table == "community.users");
        Assert.Equal((Verdict.Unknown, null), (first.Verdict, check.Holds));
        Assert.Contains("not enough history: 0 earlier loads", check.Failure);

        // A load that did not end well is no measure: five of these are still none.
        for (int i = 0; i < 5; i++)
            await community.SyncAsync();
        await community.ExecuteAsync("UPDATE quality.runs SET verdict = 'mismatched' WHERE command = 'sync'");
        Assert.Null((await community.ReconcileAsync()).Checks.Single(c => c.Rule == VolumeHistory.Rule && c.Table == "community.users").Holds);
        await community.ExecuteAsync("UPDATE quality.runs SET verdict = 'reconciled' WHERE command = 'sync'");
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);

        await community.CommandAsync(w => w.Write("delete", "users").BeginArray("deletes").BeginDocument().BeginDocument("q").BeginDocument("age").Write("$gt", 30).End().End().Write("limit", 0).End().End());
        await community.SyncAsync();
        var lost = await community.ReconcileAsync();
        Assert.Equal((Verdict.Mismatched, 0L), (lost.Verdict, lost.Tables.Sum(t => t.DifferenceCount)));
        Assert.Contains("rows compared with earlier loads", lost.Reason);
    }

    [Fact]
    public async Task Stand_in_a_report_for_ci_beside_the_tables()
    {
        await using var community = await StartAsync(Contract("{ metric: rowCount, mustBe: 31 }", age: "{ type: sql, query: 'SELECT count(*) FROM nowhere', mustBe: 0 }"));
        await community.ExecuteAsync("UPDATE community.users SET first_name = 'CANARY', age = 99 WHERE age = 21; DROP TABLE community.messages");
        string file = Path.Combine(Scratch.Folder("junit"), "out.xml");

        JUnitReport.Write(file, community.Contract, await community.ReconcileAsync(), TimeProvider.System);

        var root = XDocument.Load(file).Root!;
        var cases = root.Descendants("testcase").ToArray();
        Assert.Equal(("testsuites", 3), (root.Name.LocalName, root.Elements("testsuite").Count()));
        foreach (var element in root.Elements("testsuite").Append(root))
        {
            Assert.Equal(element.Descendants("testcase").Count(), (int)element.Attribute("tests")!);
            Assert.Equal(element.Descendants("failure").Count(), (int)element.Attribute("failures")!);
            Assert.Equal(element.Descendants("error").Count(), (int)element.Attribute("errors")!);
        }
        var users = Case("community.users equals its source");
        Assert.Equal("0 missing, 1 changed, 0 unexpected.", users.Element("failure")!.Attribute("message")!.Value);
        Assert.Contains("age: source 21, warehouse 99", users.Element("failure")!.Value);
        Assert.Contains("first_name: source ***, warehouse ***", users.Element("failure")!.Value);
        Assert.Contains("does not exist", Case("community.messages equals its source").Element("error")!.Attribute("message")!.Value);
        Assert.Empty(Case("community.plans equals its source").Elements("failure").Concat(Case("community.plans equals its source").Elements("error")));
        Assert.NotNull(Case("community.users: rowCount (rowCount)").Element("failure"));
        Assert.NotNull(Case("community.users.age: sql (sql)").Element("error"));
        Assert.Contains("not enough history", Case("community.users: rows compared with earlier loads (volume)").Element("system-out")!.Value);
        Assert.DoesNotContain("CANARY", await File.ReadAllTextAsync(file));

        XElement Case(string name) => cases.Single(c => c.Attribute("name")!.Value == name);
    }

    [Fact]
    public async Task Say_in_the_report_for_ci_why_nothing_was_compared()
    {
        string file = Path.Combine(Scratch.Folder("junit"), "out.xml");
        JUnitReport.WriteUnknown(file, ContractReader.Read(SyncedCommunity.ShippedContract), "no server \u0001 < & there", TimeProvider.System);
        Assert.Equal("no server \uFFFD < & there", XDocument.Load(file).Descendants("error").Single().Attribute("message")!.Value);

        await using var empty = await SyncedCommunity.StartAsync(Database, SmallContract.Write(), async c =>
        {
            await c.CommandAsync(w => w.Write("create", "blank"));
            await c.CommandAsync(w => w.Write("create", "keys"));
        });
        JUnitReport.Write(file, empty.Contract, await empty.ReconcileAsync(), TimeProvider.System);
        Assert.Contains("both empty", XDocument.Load(file).Descendants("error").Single().Attribute("message")!.Value);
    }
}
