using System.Globalization;
using System.Text;
using System.Text.Json;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Scheduling;

/// <summary><c>quality run</c> and <c>quality schedule</c> as processes, against one source and one warehouse.</summary>
[Trait("Category", "Long")]
public sealed class A_scheduled_pipeline() : CommandTest("scheduled_pipeline")
{
    protected override Task PrepareAsync() => CommunityServer.FillAsync(Mongo, days: 20, signUpsPerDay: 20);

    /// <summary>Small batches, so that a run can be killed in its midst.</summary>
    Dictionary<string, string> Slow => new(Servers) { ["QUALITY_BATCH_DOCUMENTS"] = "2" };

    QualityProcess Start(params string[] arguments) => QualityProcess.Start(QualityProcess.NewFolder(), Slow, ["schedule", "--pipeline", "community", .. arguments]);

    /// <summary>Once a year, in some seconds.</summary>
    static string Soon(int seconds)
    {
        var at = TimeProvider.System.GetUtcNow().AddSeconds(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{at.Second} {at.Minute} {at.Hour} {at.Day} {at.Month} ?");
    }

    async Task<string> TextAsync(string sql) => $"{await Postgres.ScalarAsync(Warehouse, sql)}";

    async Task BatchesAsync(int count, QualityProcess by)
    {
        while (await TextAsync("SELECT to_regclass('quality.batches') IS NOT NULL") != "True" || int.Parse(await TextAsync("SELECT count(*) FROM quality.batches"), CultureInfo.InvariantCulture) < count)
            Assert.False(by.HasEnded, "it ended before it had loaded anything");
    }

    const string Chains = "SELECT string_agg(concat_ws(' ', verdict, CASE WHEN stopped THEN 'stopped' END, CASE WHEN died THEN 'died' END), ', ' ORDER BY id) FROM quality.chains";

    [Fact]
    public async Task Is_finished_by_another_process_when_the_first_is_killed()
    {
        string cron = Soon(8);
        await using var first = Start("--cron", cron, "--metrics-port", "0");
        await using var second = Start("--cron", cron, "--metrics-port", "0");
        await Task.WhenAll(first.SaysAsync("runs at"), second.SaysAsync("runs at"));
        while (await TextAsync("SELECT count(*) FROM quality.chains") == "0")
            Assert.False(first.HasEnded || second.HasEnded);
        string runner = await TextAsync("SELECT process_id FROM quality.chains");
        var (running, waiting) = runner == $"{first.Id}" ? (first, second) : (second, first);
        await BatchesAsync(5, running);
        await waiting.SaysAsync($"'community' is being run by chain 1 (process {running.Id} on ");
        running.Signal(QualityProcess.Kill);
        Assert.Equal(128 + QualityProcess.Kill, (await running.EndAsync()).ExitCode);

        await waiting.SaysAsync("died; this process takes over.");
        await waiting.SaysAsync("chain 2: reconciled.");
        Assert.Equal("unknown stopped died, reconciled", await TextAsync(Chains));
        Assert.Equal("1", await TextAsync("SELECT count(DISTINCT due_at) FROM quality.chains"));
        Assert.Equal("sync marts reconcile report", await TextAsync("SELECT string_agg(step, ' ' ORDER BY started_at) FROM quality.chain_steps WHERE chain_id = 2 AND verdict = 'reconciled'"));
        Assert.Equal("0", await TextAsync("SELECT count(*) FROM quality.runs a JOIN quality.runs b ON a.id < b.id AND a.command = 'sync' AND b.command = 'sync' AND b.started_at < a.ended_at")); // never two at once

        string address = (await waiting.SaysAsync("Metrics at ")).Split("Metrics at ")[1].TrimEnd('.');
        using var client = new HttpClient();
        string metrics = "";
        while (!metrics.Contains("quality_verdict{pipeline=\"community\"} 0\n"))
        {
            Assert.False(waiting.HasEnded);
            metrics = await client.GetStringAsync(address);
        }
        Assert.Contains("quality_chains_total{pipeline=\"community\",verdict=\"reconciled\"} 1\n", metrics);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync(address.Replace("/metrics", "/other"))).StatusCode);

        waiting.Signal(QualityProcess.Terminate);
        var ended = await waiting.EndAsync();
        Assert.True(ended.ExitCode == 0, ended.Errors);
    }

    [Fact]
    public async Task Is_stopped_by_SIGTERM_in_mid_run_and_made_good_later()
    {
        string cron = Soon(4);
        await using var child = Start("--cron", cron);
        await child.SaysAsync("is due since");
        await BatchesAsync(5, child);
        child.Signal(QualityProcess.Terminate);
        var stopped = await child.EndAsync();
        Assert.True(stopped.ExitCode == 130, $"{stopped.ExitCode}: {stopped.Errors}");
        Assert.Equal("unknown stopped", await TextAsync(Chains));

        string[] once = ["schedule", "--pipeline", "community", "--cron", cron, "--once-missed", "--json"];
        var made = await RunAsync(once);
        Assert.True(made.ExitCode == 0, made.Errors);
        Assert.Equal((2, "reconciled"), (made.Json.GetProperty("chain").GetInt32(), made.Json.GetProperty("verdict").GetString()));
        var nothing = await RunAsync(once);
        Assert.Equal((0, ""), (nothing.ExitCode, nothing.Output));
        Assert.Contains("'community': nothing to make good.", nothing.Errors);
        Assert.Equal("unknown stopped, reconciled", await TextAsync(Chains));
    }

    [Fact]
    public async Task Is_made_good_by_the_same_process_when_the_warehouse_is_back()
    {
        await using var proxy = PostgresProxy.Start(Warehouse);
        await using var child = QualityProcess.Start(QualityProcess.NewFolder(), new Dictionary<string, string>(Slow) { ["QUALITY_WAREHOUSE"] = proxy.ConnectionString }, "schedule", "--pipeline", "community", "--cron", Soon(5));
        await child.SaysAsync("is due since");
        await BatchesAsync(5, child);
        proxy.Arm(1, ""); // all connections are cut, and nobody gets through
        await child.SaysAsync("It is tried again every few seconds.");
        proxy.Arm(null);
        await child.SaysAsync("can be reached again.");
        await child.SaysAsync("chain 2: reconciled.");
        Assert.Equal("unknown stopped, reconciled", await TextAsync(Chains));
        child.Signal(QualityProcess.Terminate);
        Assert.Equal(0, (await child.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Tells_by_webhook_and_mail_what_fails_and_what_is_right_again()
    {
        const string password = "pw-canary-51";
        using var certificate = new TestCertificate();
        await using var mail = new MailListeningPost(certificate.Certificate).Start();
        await using var hook = await HttpListeningPost.StartAsync();
        var environment = new Dictionary<string, string>(Servers)
        {
            ["QUALITY_ALERT_WEBHOOK"] = $"{hook.Address}/hook-canary-51",
            ["QUALITY_ALERT_SMTP"] = $"smtp://alerts:{password}@localhost:{mail.Port}",
            ["QUALITY_ALERT_FROM"] = "quality@example.com",
            ["QUALITY_ALERT_TO"] = "ops@example.com",
            ["SSL_CERT_FILE"] = certificate.File,
        };
        string folder = QualityProcess.NewFolder(), said = "";
        async Task<QualityProcess.Outcome> RunAsync(int expected)
        {
            var outcome = await QualityProcess.RunAsync(folder, environment, "run", "community", "--json");
            Assert.True(outcome.ExitCode == expected, $"{outcome.ExitCode}: {outcome.Errors}");
            said += outcome.Output + outcome.Errors;
            return outcome;
        }

        var right = await RunAsync(0);
        Assert.Equal(["sync", "marts", "reconcile", "report"], right.Json.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("step").GetString()));
        Assert.True(File.Exists(right.Json.GetProperty("page").GetString()));
        Assert.Empty(hook.Posted);

        // Edited behind the loader's back: a sync does not see it, a reconciliation does.
        await Postgres.ExecuteAsync(Warehouse, "UPDATE community.users SET first_name = first_name || '!' WHERE user_id = (SELECT min(user_id) FROM community.users)");
        var wrong = await RunAsync(1);
        Assert.Equal("mismatched", wrong.Json.GetProperty("steps")[2].GetProperty("verdict").GetString());
        await RunAsync(1);
        var posted = Assert.Single(hook.Posted); // once, though it was seen twice
        var told = JsonDocument.Parse(posted.Body).RootElement;
        Assert.Equal(("failure", "reconcile", "mismatched", "/hook-canary-51"), (told.GetProperty("kind").GetString(), told.GetProperty("step").GetString(), told.GetProperty("verdict").GetString(), posted.Path));
        Assert.Equal(wrong.Json.GetProperty("steps")[2].GetProperty("run").GetInt64(), told.GetProperty("run").GetInt64());
        Assert.Contains("Subject: [quality] community: reconcile is mismatched\n", Assert.Single(mail.Mails));
        Assert.Contains($"TLS password {password}", mail.Commands);

        Assert.Equal(0, (await QualityProcess.RunAsync(folder, environment, "reconcile", "community", "--repair")).ExitCode);
        await RunAsync(0);
        Assert.Equal(["failure", "recovery"], hook.Posted.Select(p => JsonDocument.Parse(p.Body).RootElement.GetProperty("kind").GetString()));
        Assert.Contains("Subject: [quality] community: reconcile is right again\n", mail.Mails.Last());
        Assert.DoesNotContain("canary", said + await TextAsync("SELECT string_agg(t::text, '') FROM quality.alert_deliveries t") + await TextAsync("SELECT string_agg(t::text, '') FROM quality.alerts t"));
    }

    [Fact]
    public async Task Says_which_step_failed_where_the_source_is_gone_and_retries_what_nobody_took()
    {
        await using var hook = await HttpListeningPost.StartAsync();
        hook.Status = 503;
        await Mongo.DisposeAsync();
        var environment = new Dictionary<string, string>(Servers) { ["QUALITY_ALERT_WEBHOOK"] = hook.Address };
        var failed = await QualityProcess.RunAsync(QualityProcess.NewFolder(), environment, "run", "community", "--json");
        Assert.True(failed.ExitCode == 2, failed.Errors);
        Assert.Equal("sync unknown, marts , reconcile , report reconciled", string.Join(", ", failed.Json.GetProperty("steps").EnumerateArray().Select(s => $"{s.GetProperty("step")} {s.GetProperty("verdict")}")));
        Assert.Contains("answered 503", failed.Errors);
        hook.Status = 200;
        await using var child = QualityProcess.Start(QualityProcess.NewFolder(), environment, "schedule", "--pipeline", "community"); // another process, and nothing is due
        while (hook.Posted.Count < 2)
            Assert.False(child.HasEnded);
        while (await TextAsync("SELECT count(*) FROM quality.alert_deliveries WHERE delivered_at IS NOT NULL AND attempts = 2") != "1")
            Assert.False(child.HasEnded);
        child.Signal(QualityProcess.Terminate);
        Assert.Equal(0, (await child.EndAsync()).ExitCode);
        Assert.Equal("sync", JsonDocument.Parse(hook.Posted.Last().Body).RootElement.GetProperty("step").GetString());
    }

    [Fact]
    public async Task Sends_its_metrics_where_OpenTelemetry_is_told_to()
    {
        await using var collector = await HttpListeningPost.StartAsync();
        var environment = new Dictionary<string, string>(Servers) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };
        Assert.Equal(0, (await QualityProcess.RunAsync(QualityProcess.NewFolder(), environment, "run", "community")).ExitCode);
        var (path, body) = collector.Posted.Last();
        Assert.Equal("/v1/metrics", path);
        Assert.All((string[])["quality.chains", "quality.step.duration", "quality.differences", "quality.lag", "reconciled"], word => Assert.Contains(word, Encoding.Latin1.GetString(body)));
    }

    [Fact]
    public async Task Is_refused_by_name_while_another_runs_it()
    {
        await using var holder = QualityProcess.Start(QualityProcess.NewFolder(), Slow, "run", "community");
        await BatchesAsync(2, holder);
        holder.Signal(QualityProcess.Stop);
        string line = (await RunAsync("run", "community")).Refused(2);
        Assert.Contains($"Pipeline 'community' is being run by chain 1 (process {holder.Id} on ", line);
        holder.Signal(QualityProcess.Continue);
        Assert.Equal(0, (await holder.EndAsync()).ExitCode);
    }
}
