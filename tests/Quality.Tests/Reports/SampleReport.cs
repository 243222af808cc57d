using Etl.Loading;
using Quality.Reports;
using Quality.Ui;

namespace Quality.Tests.Reports;

/// <summary>A report as a demo leaves it: loaded, loaded again, damaged by hand, found, mended, compared once more.</summary>
static class SampleReport
{
    public static readonly DateTimeOffset Start = new(2026, 3, 14, 2, 0, 4, TimeSpan.Zero);

    static readonly (string Dataset, string Table, long Rows)[] tables =
    [
        ("users", "users", 118_412), ("users", "subscriptions", 118_412), ("users", "plans", 4),
        ("users", "invoices", 241_118), ("groups", "groups", 624), ("messages", "messages", 964_002),
    ];

    /// <summary>Its last round is clean, or is the one that found what had been planted.</summary>
    public static QualityReport Of(bool reconciled = true, string pipeline = "community") =>
        QualityReport.Of(Start.AddMinutes(8), "Quality 0.1.0 (.NET 10)", [Pipeline(reconciled, pipeline)]);

    public static PipelineReport Pipeline(bool reconciled = true, string name = "community")
    {
        List<ReconciliationRound> rounds =
        [
            Round(4, "reconcile", 3, damaged: false, repaired: false),
            Round(5, "reconcile", 4, damaged: true, repaired: reconciled),
        ];
        if (reconciled) rounds.Add(Round(6, "repair", 5, damaged: false, repaired: false));
        if (reconciled) rounds.Add(Round(7, "reconcile", 6, damaged: false, repaired: false));
        var last = rounds[^1];
        var report = PipelineReport.Blank(name) with
        {
            Sync = Run(3, "sync", 2, Verdict.Reconciled) with { Read = 239_262, Changes = 0, Quarantined = 214 },
            Comparison = Run(last.Run, last.Command, 6, last.Verdict) with { Differences = last.Differences },
            Books =
            [
                new("users", 118_640, 0, 118_412, 0, 196, 32, 0, 0),
                new("groups", 624, 0, 624, 0, 0, 0, 0, 0),
                new("messages", 119_998, 0, 119_980, 0, 18, 0, 0, 0),
            ],
            TableBooks = [.. tables.Select(t => new TableBooks(t.Dataset, t.Table, t.Table == "plans" ? 118_412 : t.Rows, 0, 0, t.Rows, t.Table == "plans" ? 118_408 : 0, 0, t.Rows, t.Rows))],
            Rounds = rounds,
            Quarantine = Refused(),
            Experiments = Faults(),
            Checks =
            [
                new("subscriptions", "subscription_ref", "unique", 14, [new("5f1e…c2", 2), new("5f1e…d0", 2), new("5f1e…e7", 2), new("5f1e…ff", 2)]) { Warns = true },
                new("users", "user_id", "unique", 0, []),
                new("plans", "", "rowCount", 0, []) { Name = "at least one plan", Measured = 4, Expected = "at least 1", Unit = "rows" },
                new("users", "age", "nullValues", 1, []) { Name = "few without an age", Measured = 2.125m, Expected = "less than 2", Unit = "percent", Holds = false, Warns = true },
                new("messages", "sent_at", "sql", 0, []) { Name = "nothing from the future", Expected = "0; canceling statement due to statement timeout (57014)", Unit = "rows", Holds = null, Warns = true },
            ],
            Marts =
            [
                new("community.signups_daily", "table", "Who signed up in each day, by country, age and gender.", "marts/signups_daily.sql", 4_214, 12, 3, 84, 3, Start, [new("period", "date", true, "The day (UTC)."), new("country", "text", true, ""), new("signups", "bigint", false, "Users who signed up.")]),
                new("community.recent", "view", "", "marts/recent.sql", 40, 0, 0, 2, 1, Start, [new("user_id", "text", false, "")]),
            ],
            Throughput = Curve(),
            Contract = Described(),
            Rules = Broken(Refused(), Described()),
            Drift = Drifted(),
            Runs = 1_204,
            History = Runs(last),
        };
        return report.Judged();
    }

    public static RunFacts Run(long id, string command, double minutes, Verdict? verdict) =>
        new(id, command, 20_260_314, "1.2.0", "b1946ac9", "emulator 127.0.0.1:27017 secondNature", "build-7", Start.AddMinutes(minutes), Start.AddMinutes(minutes).AddSeconds(17.4), verdict, null);

    static ReconciliationRound Round(long run, string command, double minutes, bool damaged, bool repaired)
    {
        var rows = tables.Select((t, i) =>
        {
            var (missing, unexpected, changed) = !damaged ? (0, 0, 0) : t.Table switch { "users" => (0, 0, 5), "invoices" => (3, 0, 0), "messages" => (0, 7, 0), _ => (0, 0, 0) };
            var verdict = missing + unexpected + changed == 0 ? Verdict.Reconciled : Verdict.Mismatched;
            return new TableReconciliation(run * 10 + i, t.Dataset, t.Table, "contents", t.Rows, t.Rows - missing + unexpected, t.Table switch { "users" => 196, "messages" => 18, _ => 0 },
                t.Table == "invoices" ? 12 : 0, 0, missing, unexpected, changed, t.Rows - missing - changed, 1, verdict, null, 180 + 420 * i, repaired ? missing + unexpected + changed : 0,
                [.. Enumerable.Range(0, missing).Select(n => Difference("missing", n, repaired)),
                 .. Enumerable.Range(0, unexpected).Select(n => Difference("unexpected", n, repaired)),
                 .. Enumerable.Range(0, changed).Select(n => Difference("changed", n, repaired))]);
        }).ToList();
        return new(run, command, Start.AddMinutes(minutes), rows.Select(r => r.Verdict).Worst(), null, rows);
    }

    public static DifferenceSample Difference(string kind, int n, bool repaired = false) => kind switch
    {
        "changed" => new(kind, $"{{\"user_id\": \"65f2a0c4e4b0a1b2c3d4e5{n:x2}\"}}", repaired,
        [
            new("user_id", "text", $"65f2a0c4e4b0a1b2c3d4e5{n:x2}", $"65f2a0c4e4b0a1b2c3d4e5{n:x2}", true),
            new("first_name", "text", "•••", "•••", true), new("age", "integer", $"{34 + n}", $"{43 + n}", false),
            new("country", "text", "GB", n % 2 == 0 ? null : "GB ", false), new("post_code", "text", "•••", "•••", true),
            new("signed_up_at", "timestamptz", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", true),
        ]),
        "unexpected" => new(kind, $"{{\"thread_id\": \"65f2a0c4e4b0a1b2c3d4aa01\", \"ordinal\": {n + 8}}}", repaired,
        [
            new("thread_id", "text", null, "65f2a0c4e4b0a1b2c3d4aa01", false), new("ordinal", "integer", null, $"{n + 8}", false),
            new("sent_at", "timestamptz", null, "2026-03-11T09:14:00Z", false), new("body", "text", null, "•••", false),
        ]),
        _ => new(kind, $"{{\"invoice_id\": \"65f2a0c4e4b0a1b2c3d4f0{n:x2}\"}}", repaired, [.. new (string, string, string)[]
        {
            ("invoice_id", "text", $"65f2a0c4e4b0a1b2c3d4f0{n:x2}"), ("amount", "numeric", "29.99"), ("currency", "text", "GBP"), ("status", "text", "paid"), ("invoiced_at", "timestamptz", "2026-03-09T00:00:00Z"),
        }.Select(c => new CellPair(c.Item1, c.Item2, c.Item3, null, false))]),
    };

    static QuarantineFacts Refused()
    {
        (string Rule, string Path, long Count, string Why)[] rules =
        [
            ("required", "signUpDate", 61, "signUpDate must be present"), ("type", "age", 44, "age must be a whole number, and is the text 'forty'"),
            ("not null", "subscriptions.planType.planID", 37, "planID must not be null"), ("nul", "firstname", 22, "••• contains NUL, which text in PostgreSQL cannot hold"),
            ("validValues", "subscriptions.planType.paymentType", 18, "paymentType must be repeat or upfront, and is 'sometimes'"),
            ("maximum", "age", 14, "age must be at most 130, and is 431"), ("utf8", "messages[3].message", 12, "••• is not valid UTF-8 at byte 17"), ("date range", "signUpDate", 6, "year 292278994 is outside PostgreSQL's range"),
        ];
        return new(rules.Sum(r => r.Count), 12, Start, [.. rules.Select((r, i) => new QuarantineRule(r.Path.StartsWith("messages", StringComparison.Ordinal) ? "messages" : "users", r.Rule, r.Path, r.Count, i == 2 ? 12 : 0, r.Why))],
            [.. Enumerable.Range(0, 40).Select(i => new QuarantineSample(900 + i, "users", $"{{\"$oid\":\"65f2a0c4e4b0a1b2c3d4e6{i:x2}\"}}", rules[i % 8].Rule, rules[i % 8].Path, rules[i % 8].Why, i % 8 == 2, Start.AddSeconds(i)))]);
    }

    static IReadOnlyList<ExperimentFacts> Faults()
    {
        ExperimentFacts One(string kind, string name, string hypothesis, long injected, long missed, params (string, long)[] outcomes) =>
            new(2, kind, name, hypothesis, injected, injected - missed, missed, 0, outcomes.ToDictionary(o => o.Item1, o => o.Item2), 20_260_314);
        return
        [
            One("corruption", "missing required field", "quarantined by rule required", 61, 0, ("required", 61)),
            One("corruption", "null in a required field", "quarantined by rule null", 37, 0, ("null", 35), ("required", 2)),
            One("corruption", "wrong type", "quarantined by rule type", 44, 0, ("type", 44)),
            One("corruption", "NUL in text", "quarantined by rule nul", 22, 0, ("nul", 22)),
            One("corruption", "value outside the list", "quarantined by rule validValues", 18, 0, ("validValues", 18)),
            One("corruption", "number out of range", "quarantined by rule maximum", 14, 0, ("maximum", 14)),
            One("corruption", "invalid UTF-8", "quarantined by rule utf8", 13, 1, ("utf8", 12)),
            One("corruption", "duplicate document", "counted as duplicate", 32, 0, ("duplicate", 32)),
            One("warehouse-edit", "rows deleted from invoices", "3 missing", 3, 0, ("missing", 3)),
            One("warehouse-edit", "rows edited in users", "5 changed", 5, 0, ("changed", 5)),
            One("warehouse-edit", "rows added to messages", "7 unexpected", 7, 0, ("unexpected", 7)),
        ];
    }

    /// <summary>Two workers at once; the source stood still for a while in the midst of the messages.</summary>
    static RunThroughput Curve()
    {
        var random = new Random(7);
        double[] Steps(int first, int last, double rate, int slow) => [.. Enumerable.Range(0, 48).Select(i => i < first || i > last ? 0 : rate * (0.9 + random.NextDouble() * 0.2) / (i >= slow && i < slow + 4 ? 3 : 1))];
        DatasetThroughput One(string dataset, long documents, long rows, int first, int last, int slow) => new(dataset, documents / 5_000 + 1, documents, rows, (last - first + 1) * 0.5, (last - first + 1) * 0.9, first, last,
            Steps(first, last, documents * 2.0 / (last - first + 1), slow), Steps(first, last, rows * 2.0 / (last - first + 1), slow));
        return new(3, Start, 24, 0.5, [One("users", 118_640, 477_946, 0, 24, 48), One("groups", 624, 624, 24, 24, 48), One("messages", 119_998, 964_002, 25, 47, 33)]);
    }

    static ContractFacts Described()
    {
        DictionaryColumn Column(string name, string type, string? path, string comesAs, string meaning, double? nulls, bool key = false, bool personal = false, params string[] rules) => new(name, type, key, path, comesAs, meaning, rules, personal, nulls);
        return new("1.2.0", "b1946ac92492d2347c6235b4d2611184", null,
            [
                new("users", "_id", "required", "be there and not null"), new("users", "signUpDate", "required", "be there and not null"), new("users", "age", "type", "be int or long or double or decimal"),
                new("users", "age", "minimum", "be at least 0"), new("users", "age", "maximum", "be at most 130"), new("users", "subscriptions.planType.paymentType", "validValues", "be one of repeat, upfront"),
                new("messages", "messages[].message", "type", "be string"),
            ],
            [
                new("users", "community", "users", "root", "", "One document a user, with the subscription and its invoices inside. Changes in place.", 118_412,
                [
                    Column("user_id", "text", "_id", "objectId", "The application's own id.", 0, key: true, rules: "be there and not null"),
                    Column("first_name", "text", "firstname", "string", "As typed at sign-up.", 0.004, personal: true),
                    Column("age", "integer", "age", "int, long, double, decimal", "In years, when the user signed up.", 0.021, rules: ["be at least 0", "be at most 130"]),
                    Column("country", "text", "country", "string", "ISO 3166 alpha-2 as the application sends it; free text, may be empty.", 0.5),
                ], ["fakeDataHelpers", "latestMessageDate"]),
                new("messages", "community", "messages", "child", "messages", "", null, [Column("thread_id", "text", "_id", "objectId", "", null, key: true), Column("ordinal", "integer", null, "", "", null, key: true), Column("body", "text", "messages[].message", "string", "", null, personal: true)], []),
            ])
        { Implied = new Dictionary<string, string> { ["nul"] = "not contain NUL, which PostgreSQL's text cannot hold", ["utf8"] = "be UTF-8" } };
    }

    /// <summary>What the quarantine holds, as broken rules.</summary>
    static IReadOnlyList<RuleFacts> Broken(QuarantineFacts quarantine, ContractFacts contract) =>
        RuleFacts.Of(contract, [.. quarantine.Rules.Select(r => new RuleFacts(r.Dataset, r.Path.Replace("[3]", "[]", StringComparison.Ordinal), r.Rule, null, r.Documents, r.Documents + 3, r.Sample))]);

    static DriftFacts Drifted() => new(3, 239_262, 214,
    [
        new("users", "referrer.campaign", "unknown field", "string", 40_212, 118_640, "{\"$oid\":\"65f2a0c4e4b0a1b2c3d4e601\"}"), new("users", "postCode", "new type", "int", 61, 118_640, "{\"$oid\":\"65f2a0c4e4b0a1b2c3d4e617\"}"),
        new("messages", "messages[].edited", "unknown field", "bool", 3, 119_998, "*** 0c4e4b0a1b2c3d4e"),
    ]);

    static IReadOnlyList<RunFacts> Runs(ReconciliationRound last)
    {
        var random = new Random(11);
        List<RunFacts> runs = [];
        for (var i = 0; i < 42; i++)
        {
            var started = Start.AddDays(i - 41);
            var verdict = i == 41 ? last.Verdict : i is 12 or 30 ? Verdict.Mismatched : i is 5 or 26 ? Verdict.Unknown : Verdict.Reconciled;
            var tired = i is 38 or 40; // two syncs whose source faltered
            runs.Add(new(i + 1, i % 2 == 0 ? "sync" : "reconcile", 20_260_314, "1.2.0", "b1946ac9", "emulator", "build-7", started, i == 26 ? null : started.AddSeconds(9 + random.Next(18)), i == 26 ? null : verdict, null,
                i % 2 == 0 ? 200_000 + i * 900 + random.Next(6_000) : 0, i % 2 == 0 ? 150 + random.Next(90) : 0, i % 2 == 0 ? random.Next(5_000) : 0, i % 2 == 0 ? 1_200_000 + i * 5_600 : null, i % 2 == 1 ? verdict == Verdict.Mismatched ? 15 : i == 41 ? 0 : random.Next(2) * random.Next(4) : null, i % 6 == 1 ? 0.97 + random.NextDouble() * 0.03 : null)
            {
                Retries = tired ? 4 : 0,
                Reopened = tired ? 1 : 0,
                TimedOut = i == 38 ? 2 : 0,
                Remarks = tired ? ["'messages' is a view or a time series: it has no index on _id, so it is read as one range, sorted by the server."] : [],
            });
        }
        return runs;
    }
}
