using Etl;
using Etl.Loading;
using Quality.Scheduling.Alerts;
using Quality.Scheduling.Metrics;
using Tests.Shared;

namespace Quality.Tests.Scheduling;

/// <summary>One for a pipeline, step and reason until it is right again, whichever process sees it.</summary>
public sealed class An_alert() : WatchTest("alert")
{
    [Fact]
    public async Task Names_the_step_the_verdict_the_run_and_what_to_do()
    {
        Work.Reconcile = PlannedWork.Wrong("3 rows are missing in p.users.");
        await NextDayAsync(await WatchAsync());
        var message = Assert.Single(Messages.All);
        Assert.Equal(("failure", "p", "reconcile", "mismatched", "3 rows are missing in p.users.", 1L, 2L), (message.Kind, message.Pipeline, message.Step, message.Verdict, message.Reason, message.Chain, message.Run));
        Assert.Equal("""
            p: reconcile is mismatched.
            3 rows are missing in p.users.
            What to do: quality report shows the differences; quality reconcile ./p --repair writes them anew from the source
            pipeline p · step reconcile · verdict mismatched · run 2 · chain 1 · since 2026-11-23 00:01 UTC
            """, message.Text);
    }

    [Fact]
    public async Task Is_told_once_until_it_is_right_again()
    {
        Work.Reconcile = PlannedWork.Wrong("3 of 1,000 rows differ.");
        await NextDayAsync(await WatchAsync());
        Work.Reconcile = PlannedWork.Wrong("5 of 1,003 rows differ."); // the same but for its figures
        await NextDayAsync(await WatchAsync());
        await NextDayAsync(await WatchAsync());
        Assert.DoesNotContain(Messages.All.Skip(1), m => m.Kind == "failure");
        Work.Reconcile = _ => PlannedWork.Right();
        await NextDayAsync(await WatchAsync());
        var recovery = Messages.All[^1];
        Assert.Equal(("recovery", "reconcile"), (recovery.Kind, recovery.Step));
        Assert.StartsWith("p: reconcile is right again.\nIt was mismatched: 5 of 1,003 rows differ.\n", recovery.Text);
        await NextDayAsync(await WatchAsync());
        Assert.Same(recovery, Messages.All[^1]); // told once as well
        Work.Reconcile = PlannedWork.Wrong("1 of 2 rows differ.");
        await NextDayAsync(await WatchAsync());
        Assert.Equal("failure", Messages.All[^1].Kind);
    }

    [Fact]
    public async Task Is_another_one_for_another_reason_or_step_and_recovery_is_told_once_a_step()
    {
        Work.Reconcile = PlannedWork.Wrong("Rows differ.");
        await NextDayAsync(await WatchAsync());
        Work.Reconcile = PlannedWork.Unreachable("The source is gone.");
        Work.Marts = (Verdict.Mismatched, "Mart p.m is wrong.");
        await NextDayAsync(await WatchAsync());
        Assert.Equal(["reconcile Rows differ.", "marts Mart p.m is wrong.", "reconcile The source is gone."], Messages.All.Where(m => m.Kind == "failure").Select(m => $"{m.Step} {m.Reason}"));
        Messages.All.Clear();
        Work.Reconcile = _ => PlannedWork.Right();
        await NextDayAsync(await WatchAsync());
        Assert.Equal("reconcile The source is gone.", Assert.Single(Messages.All, m => m.Kind == "recovery") is var m ? $"{m.Step} {m.Reason}" : "");
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM quality.alerts WHERE recovered_at IS NULL")); // the mart
    }

    [Fact]
    public async Task Is_neither_raised_nor_closed_by_a_step_that_was_not_come_to()
    {
        Work.Reconcile = PlannedWork.Wrong("Rows differ.");
        await NextDayAsync(await WatchAsync());
        Work.Sync = PlannedWork.Unreachable("The source is gone.");
        await NextDayAsync(await WatchAsync());
        Assert.DoesNotContain(Messages.All, m => m.Kind == "recovery");
        Assert.Equal(["reconcile", "sync"], Messages.All.Where(m => m.Kind == "failure").Select(m => m.Step));
    }

    [Fact]
    public async Task Is_told_again_after_a_day()
    {
        var watch = await WatchAsync();
        Work.Reconcile = PlannedWork.Wrong("Rows differ.");
        await NextDayAsync(watch);
        Time.Now = Time.Now.AddHours(23.9);
        await watch.LookAsync(Cancellation);
        Assert.Single(Messages.All);
        Time.Now = Time.Now.AddHours(0.2);
        await watch.LookAsync(Cancellation);
        await (await WatchAsync()).LookAsync(Cancellation);
        Assert.Equal(["failure", "reminder"], Messages.All.Select(m => m.Kind));
        Assert.StartsWith("p: reconcile is still mismatched.", Messages.All[^1].Text);
    }

    [Fact]
    public async Task Is_tried_again_later_and_later_until_it_is_taken()
    {
        Messages.Refuses = true;
        Work.Reconcile = PlannedWork.Wrong("Rows differ.");
        var result = await NextDayAsync(await WatchAsync());
        Assert.Equal(Verdict.Mismatched, result.Verdict); // and nothing worse
        Assert.Contains("An alert did not go out (p: reconcile is mismatched): It is not at home. It is tried again.", Said);
        Assert.Equal("It is not at home.", await ScalarAsync("SELECT error FROM quality.alert_deliveries"));
        foreach (var (seconds, asked) in ((int, int)[])[(5, 1), (5, 2), (10, 2), (10, 3)])
        {
            Time.Now = Time.Now.AddSeconds(seconds);
            await (await WatchAsync()).LookAsync(Cancellation); // as another process: it is the journal that knows
            Assert.Equal(asked, Messages.Asked);
        }
        Messages.Refuses = false;
        Time.Now = Time.Now.AddSeconds(40);
        await (await WatchAsync()).LookAsync(Cancellation);
        Assert.Single(Messages.All);
        Time.Now = Time.Now.AddHours(1);
        await (await WatchAsync()).LookAsync(Cancellation);
        Assert.Single(Messages.All);
        Assert.Equal(4, await ScalarAsync("SELECT attempts FROM quality.alert_deliveries WHERE delivered_at IS NOT NULL AND error IS NULL"));
    }

    [Fact]
    public async Task Spoils_no_chain_and_tells_no_secret_where_its_channel_breaks()
    {
        Messages.Breaks = true;
        Work.Reconcile = PlannedWork.Wrong("Rows differ.");
        Assert.Equal(Verdict.Mismatched, (await NextDayAsync(await WatchAsync())).Verdict);
        Assert.Equal("InvalidOperationException in webhook; please report it.", await ScalarAsync("SELECT error FROM quality.alert_deliveries"));
        Assert.DoesNotContain(Said, s => s.Contains("canary"));
    }

    [Fact]
    public async Task Is_given_up_after_a_day_for_the_reminder_tells_the_same()
    {
        Messages.Refuses = true;
        Work.Reconcile = PlannedWork.Wrong("Rows differ.");
        var watch = await WatchAsync();
        await NextDayAsync(watch);
        Time.Now = Time.Now.AddHours(23);
        await watch.LookAsync(Cancellation);
        Time.Now = Time.Now.AddHours(1.1);
        await watch.LookAsync(Cancellation);
        Assert.Equal("failure given up, reminder pending", await TextAsync("SELECT string_agg(kind || CASE WHEN given_up_at IS NULL THEN ' pending' ELSE ' given up' END, ', ' ORDER BY id) FROM quality.alert_deliveries"));
    }

    [Fact]
    public async Task Comes_also_when_the_warehouse_cannot_be_reached()
    {
        await using var gone = new Warehouse("Host=127.0.0.1;Port=1;Username=u;Password=canary-3;Database=d");
        using var meter = new ChainMeter(Time);
        var sender = new AlertSender([Messages], new AlertBook(["webhook"], new Dictionary<string, string>()), meter, Time, Said.Add);
        var outage = new Outage(sender, gone.ToString(), Time, Said.Add);
        string why = (await Assert.ThrowsAsync<UnavailableException>(() => gone.OpenAsync(Cancellation))).Message;
        await outage.NoticeAsync(why, Cancellation);
        Assert.Empty(Messages.All); // it may be restarting
        for (int minute = 1; minute < 5; minute++)
        {
            Time.Now = Time.Now.AddMinutes(1);
            await outage.NoticeAsync(why, Cancellation);
        }
        await outage.EndAsync(Cancellation);
        await outage.EndAsync(Cancellation);
        Assert.Equal(["failure", "recovery"], Messages.All.Select(m => m.Kind));
        Assert.Contains("127.0.0.1:1/d", Messages.All[0].Text);
        Assert.DoesNotContain("canary", string.Concat(Messages.All.Select(m => m.Text).Concat(Said)));
    }
}
