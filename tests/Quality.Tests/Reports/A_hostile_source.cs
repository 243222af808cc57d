using System.Text.Json;
using System.Text.RegularExpressions;
using Chaos.MongoEmulator;
using Etl.Documents;
using Etl.Sources.Mongo;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Reports;

/// <summary>From the source to the page: whatever keys, values, names, descriptions and errors say, the page gains no element by it.</summary>
[Trait("Category", "Long")]
public sealed partial class A_hostile_source
{
    const string Tame = "harmless";

    public static TheoryData<string> Attacks => ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "</style></title></script><svg onload=alert(1)>", "x\"; DROP SCHEMA quality CASCADE;--", "&lt;b&gt;<!--"];

    [GeneratedRegex("<(style|script)>.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Own();

    [GeneratedRegex("<(?<element>[^\\s>]+)(?:\\s+(?<attribute>[^\\s=>]+)(?:=(?:\"[^\"]*\"|[^\\s>]*))?)*")]
    private static partial Regex Tag();

    /// <summary>The charts' figures differ from run to run, and what is long is cut; the kinds of elements and attributes are always the same.</summary>
    [Theory, MemberData(nameof(Attacks))]
    public async Task Gives_the_page_no_element(string attack)
    {
        var tame = await Harmless.Value;
        Assert.True(tame.Count > 60, "the page's markup was not read");
        Assert.Empty((await MarkupAsync(attack)).Except(tame));
    }

    static readonly Lazy<Task<HashSet<string>>> Harmless = new(() => MarkupAsync(Tame + new string('x', 40)));

    /// <summary>Every element with every attribute that it has somewhere.</summary>
    static async Task<HashSet<string>> MarkupAsync(string text)
    {
        string warehouse = await Postgres.DatabaseAsync(text.StartsWith(Tame, StringComparison.Ordinal) ? "harmless_source" : "hostile_source"), folder = QualityProcess.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "contract.yaml"), Contract(JsonSerializer.Serialize(text)));
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        using (var connection = MongoConnection.Open(mongo.Uri))
            await connection.CommandAsync("hostile", Bson.Make(w =>
            {
                w.Write("insert", text).BeginArray("documents");
                for (int i = 0; i < 4; i++)
                {
                    w.BeginDocument().Write("_id", text + i).Write(text, i == 0 ? text : "fine").Write("unknown" + text, text);
                    if (i == 1)
                        w.BeginArray("numbers" + text).BeginDocument().Write("n" + text, text).End().End();
                    w.End();
                }
                w.End();
            }));
        string[] servers = ["--mongo", mongo.Uri, "--warehouse", warehouse];
        var sync = await QualityProcess.RunAsync(["sync", folder, .. servers]);
        Assert.True(sync.ExitCode == 0, sync.Errors);
        Assert.Equal(2L, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.quarantine"));
        await Postgres.ExecuteAsync(warehouse, $"""
            INSERT INTO quality.drift SELECT 1, {Sql(text)}, {Sql(text)}, 'unknown field', {Sql(text)}, 2, {Sql(text)} ON CONFLICT DO NOTHING;
            DELETE FROM quality.drift WHERE path <> {Sql(text)};
            UPDATE quality.runs SET source = {Sql(text)};
            """);
        var reconciled = await QualityProcess.RunAsync(["reconcile", folder, .. servers]);
        Assert.True(reconciled.ExitCode == 0, reconciled.Errors);
        await Postgres.ExecuteAsync(warehouse, $"DELETE FROM quality.checks; INSERT INTO quality.checks VALUES (1, {Sql(text)}, 't', 'c', {Sql(text)}, 1, '[]'); UPDATE quality.runs SET reason = {Sql(text)}");
        var report = await QualityProcess.RunAsync("report", "--warehouse", warehouse, "--out", folder);
        Assert.True(report.ExitCode == 0, report.Errors);
        string html = await File.ReadAllTextAsync(Path.Combine(folder, "report.html"));
        Assert.Contains("Data dictionary", html);
        Assert.DoesNotContain(text.StartsWith(Tame, StringComparison.Ordinal) ? "cannot be shown" : text, html);
        return [.. Tag().Matches(Own().Replace(html, "")).SelectMany(t => t.Groups["attribute"].Captures.Select(a => $"{t.Groups["element"].Value} {a.Value}").Append(t.Groups["element"].Value))];
    }

    static string Sql(string text) => $"'{text.Replace("'", "''")}'";

    static string Contract(string text) => $"""
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:test:hostile
        name: hostile
        version: {text}
        status: active
        servers:
          - {"{"} server: s, type: custom, customProperties: [{"{"} property: kind, value: mongodb {"}"}, {"{"} property: database, value: hostile {"}"}] {"}"}
        schema:
          - name: {text}
            physicalName: {text}
            logicalType: object
            description: {text}
            customProperties: [{"{"} property: table, value: {text} {"}"}]
            properties:
              - name: _id
                logicalType: string
                primaryKey: true
                description: {text}
                customProperties: [{"{"} property: column, value: {text} {"}"}]
              - name: {text}
                logicalType: string
                quality: [{"{"} metric: invalidValues, arguments: {"{"} validValues: [fine] {"}"}, mustBe: 0 {"}"}]
                customProperties: [{"{"} property: column, value: value {"}"}]
              - name: {JsonSerializer.Serialize("numbers" + JsonSerializer.Deserialize<string>(text))}
                logicalType: array
                customProperties: [{"{"} property: table, value: {JsonSerializer.Serialize("t" + JsonSerializer.Deserialize<string>(text))} {"}"}]
                items:
                  logicalType: object
                  properties:
                    - name: {JsonSerializer.Serialize("n" + JsonSerializer.Deserialize<string>(text))}
                      logicalType: integer
                      description: {text}
                      customProperties: [{"{"} property: column, value: n {"}"}]
        """;
}
