using Npgsql;
using Quality.Reports;
using Quality.Ui;
using Tests.Shared;
using Verdict = Etl.Loading.Verdict;

namespace Quality.Tests.Reports;

public sealed class The_journal_reader
{
    [Fact]
    public async Task Tells_an_empty_warehouse_from_an_empty_journal()
    {
        var database = await Postgres.DatabaseAsync("report_empty");
        await using var warehouse = NpgsqlDataSource.Create(database);
        Assert.Empty((await Read(warehouse)).Pipelines);
        Assert.Equal(Verdict.Unknown, Assert.Single((await Read(warehouse, "community")).Pipelines).Verdict);
        await Postgres.ExecuteAsync(database, Schema());
        Assert.Empty((await Read(warehouse)).Pipelines);
    }

    [Fact]
    public async Task Tells_what_the_journal_holds()
    {
        var database = await Postgres.DatabaseAsync("report_journal");
        await Postgres.ExecuteAsync(database, Schema());
        await Postgres.ExecuteAsync(database, Story);
        await using var warehouse = NpgsqlDataSource.Create(database);

        var report = await Read(warehouse);
        Assert.Equal(["cards", "community"], report.Pipelines.Select(p => p.Pipeline));
        var community = Assert.Single((await Read(warehouse, "community")).Pipelines);

        Assert.Equal(1, community.Sync!.Id);
        Assert.Equal((1_000, 10, 990, 990L), (community.Sync.Read, community.Sync.Quarantined, community.Sync.Changes, community.Sync.Rows!.Value));
        Assert.Equal(0, Assert.Single(community.Books).Off);
        Assert.Equal((0, 0), (community.TableBooks[0].Off, community.TableBooks[0].Unexplained));
        // The run that mended compared twice.
        Assert.Equal([(2L, Verdict.Mismatched), (3L, Verdict.Mismatched), (3L, Verdict.Reconciled)], community.Rounds.Select(r => (r.Run, r.Verdict)));
        Assert.Equal(Verdict.Reconciled, community.Verdict);
        Assert.Equal(3, community.Comparison!.Id);
        Assert.Equal(0, community.Comparison.Differences);
        Assert.Equal(3, community.Rounds[1].Repaired);
        var samples = community.Rounds[1].Tables[0].Samples;
        Assert.Equal(["changed", "missing", "unexpected"], samples.Select(s => s.Kind).Order());
        Assert.Equal([new("age", "integer", "34", "43", false), new("country", "text", null, "", false), new("tags", "jsonb", "[1, 2]", "[1]", false)], samples.Single(s => s.Kind == "changed").Cells);
        Assert.Equal((3L, 1L), (community.Quarantine.Documents, community.Quarantine.HeldBack));
        Assert.Equal([("type", "tags[].name", 2L), ("required", "signUpDate", 1L)], community.Quarantine.Rules.Select(r => (r.Rule, r.Path, r.Documents)));
        Assert.Equal([("corruption", 0.5), ("warehouse-edit", 1.0)], community.Experiments.Select(e => (e.Kind, e.Recall!.Value)));
        Assert.Equal(1, community.Experiments[0].Outcomes["required"]);
        Assert.Equal([("unique", false, true, null), ("no future", null, true, null), ("key", true, false, 0m), ("few without an age", true, false, 1.5m)],
            community.Checks.Select(c => (c.Title, c.Holds, c.Warns, c.Measured)));
        Assert.Equal(("users", "0; no such column (42703)", "rows"), (community.Checks[1].Place, community.Checks[1].Expected, community.Checks[1].Unit));
        Assert.Equal(new CheckSample("x", 2), Assert.Single(community.Checks[0].Samples));
        Assert.Equal([("community.daily", "table", 5L, 2L, 1L, 3L), ("community.seen", "view", 7L, 0L, 0L, 1L)], community.Marts.Select(m => (m.Mart, m.Kind, m.Rows, m.Inserted, m.Removed, m.Run)));
        Assert.Equal([new("day", "date", true, "The day."), new("n", "bigint", false, "")], community.Marts[0].Columns);
        Assert.Equal((4, 2, 1), (community.Sync.Retries, community.Sync.Reopened, community.Sync.TimedOut));
        Assert.Equal(["a view is read as one range"], community.Sync.Remarks);
        Assert.InRange(community.Throughput.Steps, 30, ReportLimits.ThroughputSteps);
        Assert.Equal((1L, 1_000L, 1_000L), (community.Throughput.Run!.Value, community.Throughput.Documents, community.Throughput.Rows));
        Assert.Equal([1, 2, 3], community.History.Select(r => r.Id));
        Assert.Equal(3, community.Runs);
        // Of the run, whatever became of the entries since; the fourth broke a second rule besides its first.
        Assert.Equal([("type", "tags[].name", 3L, 3L), ("required", "signUpDate", 1L, 2L)], community.Rules.Select(r => (r.Rule, r.Path, r.Refused, r.Broken)));
        Assert.Equal((1L, 1_000L, 2L), (community.Drift.Run!.Value, community.Drift.Read, community.Drift.Found));
        Assert.Equal([new DriftEntry("users", "nick", "unknown field", "string", 700, 1_000, "***"), new("users", "age", "new type", "double", 2, 1_000, null)], community.Drift.Entries);
        Assert.Contains("did not note which contract", (await Read(warehouse, "community", new global::Quality.Commands.ContractLibrary())).Pipelines[0].Contract.Missing);

        var cards = report.Pipelines[0];
        Assert.Equal(Verdict.Unknown, cards.Verdict);
        Assert.Null(cards.Sync!.Ended);
        var file = await ReportWriter.WriteAsync(report, Scratch.Folder("report"));
        Assert.True(new FileInfo(file).Length > 10_000);
    }

    static Task<QualityReport> Read(NpgsqlDataSource warehouse, string? pipeline = null, IContractLibrary? contracts = null) =>
        new JournalReader(warehouse, TimeProvider.System, "Quality test", contracts).ReadAsync(pipeline);

    static string Schema()
    {
        var etl = System.Reflection.Assembly.Load("Etl");
        var scripts = etl.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(n => new StreamReader(etl.GetManifestResourceStream(n)!).ReadToEnd());
        return "CREATE SCHEMA IF NOT EXISTS quality;" + string.Join("\n", scripts);
    }

    const string Story = """
        INSERT INTO quality.runs (pipeline, command, seed, contract, source, host, process_id, started_at, ended_at, verdict) VALUES
          ('community', 'sync', 7, '1.0.0', 'emulator 127.0.0.1:1', 'h', 1, '2026-03-14 02:00Z', '2026-03-14 02:01Z', 'reconciled'),
          ('community', 'reconcile', 7, '1.0.0', 'emulator 127.0.0.1:1', 'h', 1, '2026-03-14 02:02Z', '2026-03-14 02:03Z', 'mismatched'),
          ('community', 'repair', 7, '1.0.0', 'emulator 127.0.0.1:1', 'h', 1, '2026-03-14 02:04Z', '2026-03-14 02:05Z', 'reconciled'),
          ('cards', 'sync', NULL, NULL, NULL, 'h', 1, '2026-03-14 02:04Z', NULL, NULL);
        INSERT INTO quality.ledger VALUES (1, 'users', 1000, 980, 0, 0, 10, 10, 0, 0);
        INSERT INTO quality.table_ledger VALUES (1, 'users', 'users', 990, 990, 0, 0, 0, 0, 0, 990);
        INSERT INTO quality.batches SELECT 1, 'users', n, 10, 10, 20 + n % 7, timestamptz '2026-03-14 02:00Z' + n * interval '0.2 s' FROM generate_series(1, 100) n;
        INSERT INTO quality.quarantine (pipeline, dataset, partition, position, document_key, rule, path, reason, violations, media_type, document, document_hash, held_back, state, first_run, last_run, first_seen, last_seen)
        SELECT 'community', 'users', '', '\x00', 'k' || n, CASE WHEN n = 1 THEN 'required' ELSE 'type' END, CASE WHEN n = 1 THEN 'signUpDate' ELSE 'tags[' || n || '].name' END,
               'because', CASE WHEN n = 4 THEN '[{"rule":"type","path":"tags[4].name","message":"because"},{"rule":"required","path":"signUpDate","message":"too"}]' ELSE '[]' END::jsonb, 'application/bson', '\x00', gen_random_uuid(), n = 1, CASE WHEN n = 4 THEN 'replayed' ELSE 'open' END, 1, 1, '2026-03-14 02:00Z', '2026-03-14 02:00Z' FROM generate_series(1, 4) n;
        INSERT INTO quality.reconciliations (run_id, pipeline, dataset, table_name, level, source, warehouse, quarantined, held_back, unreferenced, missing, unexpected, changed, matched, coverage, verdict, milliseconds) VALUES
          (2, 'community', 'users', 'users', 'contents', 990, 990, 10, 0, 0, 1, 1, 1, 988, 1, 'mismatched', 5),
          (2, 'community', 'users', 'plans', 'contents', 4, 4, 0, 0, 0, 0, 0, 0, 4, 1, 'reconciled', 5),
          (3, 'community', 'users', 'users', 'contents', 990, 990, 10, 0, 0, 1, 1, 1, 988, 1, 'mismatched', 5),
          (3, 'community', 'users', 'plans', 'contents', 4, 4, 0, 0, 0, 0, 0, 0, 4, 1, 'reconciled', 5),
          (3, 'community', 'users', 'users', 'contents', 990, 990, 10, 0, 0, 0, 0, 0, 990, 1, 'reconciled', 5),
          (3, 'community', 'users', 'plans', 'contents', 4, 4, 0, 0, 0, 0, 0, 0, 4, 1, 'reconciled', 5);
        INSERT INTO quality.differences VALUES
          (3, 1, 'changed', 'k1', '[{"column":"age","type":"integer","source":"34","warehouse":"43","equal":false},{"column":"country","type":"text","source":null,"warehouse":"","equal":false},{"column":"tags","type":"jsonb","source":[1, 2],"warehouse":[1],"equal":false}]', true),
          (3, 2, 'missing', 'k2', '[]', true), (3, 3, 'unexpected', 'k3', '[]', true);
        INSERT INTO quality.drift VALUES (1, 'users', 'age', 'new type', 'double', 2, NULL), (1, 'users', 'nick', 'unknown field', 'string', 700, '***');
        INSERT INTO quality.checks VALUES (1, 'community', 'users', 'ref', 'unique', 2, '[{"value":"x","rows":2}]');
        INSERT INTO quality.checks (run_id, pipeline, table_name, column_name, rule, failing, sample, name, measured, expected, unit, holds, warns) VALUES
          (1, 'community', 'users', 'age', 'nullValues', 0, '[]', 'few without an age', 1.5, 'less than 2', 'percent', true, false),
          (1, 'community', 'users', '', 'sql', 0, '[]', 'no future', NULL, '0; no such column (42703)', 'rows', NULL, true);
        -- The repair made the marts anew, and asked only their checks.
        INSERT INTO quality.checks (run_id, pipeline, table_name, column_name, rule, failing, sample, name, measured, expected, unit, holds, warns) VALUES
          (1, 'community', 'community.daily', '', 'martKey', 4, '[]', 'key', 4, '0', 'rows', false, false),
          (3, 'community', 'community.daily', '', 'martKey', 0, '[]', 'key', 0, '0', 'rows', true, false);
        INSERT INTO quality.marts VALUES
          ('community.seen', 'community', 'view', 'marts/seen.sql', 'SELECT 1', '', '[{"name":"one","type":"integer"}]', 1, 7, 1, '2026-03-14 02:01Z'),
          ('community.daily', 'community', 'table', 'marts/daily.sql', 'SELECT 1', 'Day by day.', '[{"name":"day","type":"date","key":true,"description":"The day."},{"name":"n","type":"bigint","key":false,"description":""}]', 0, 5, 3, '2026-03-14 02:05Z');
        INSERT INTO quality.mart_builds VALUES (1, 'community.daily', 4, 4, 0, 9), (3, 'community.daily', 5, 2, 1, 8), (1, 'community.seen', 7, 0, 0, 1);
        UPDATE quality.runs SET retries = 4, reopened = 2, timed_out = 1, remarks = '{"a view is read as one range"}' WHERE id = 1;
        INSERT INTO quality.experiments (run_id, pipeline, kind, name, hypothesis, injected, detected, missed, false_alarms, outcomes) VALUES
          (1, 'community', 'corruption', 'missing field', 'quarantined by rule required', 2, 1, 1, 0, '{"required": 1}'),
          (2, 'community', 'warehouse-edit', 'edited', '1 changed', 1, 1, 0, 0, '{"changed": 1}');
        """;
}
