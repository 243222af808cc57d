using Etl.Loading;
using Quality.Scheduling;
using Tests.Shared;

namespace Quality.Tests.Scheduling;

/// <summary>What is due is decided from the journal: whatever process looks, and however long none did.</summary>
public sealed class A_watched_pipeline() : WatchTest("watched_pipeline")
{
    Task<string> ChainsAsync() => TextAsync("SELECT string_agg(concat_ws(' ', to_char(due_at AT TIME ZONE 'UTC', 'DD HH24:MI'), verdict, CASE WHEN stopped THEN 'stopped' END, CASE WHEN died THEN 'died' END), ', ' ORDER BY id) FROM quality.chains");

    [Fact]
    public async Task Is_not_run_before_its_time_and_once_then()
    {
        var watch = await WatchAsync();
        Assert.Null(await watch.LookAsync(Cancellation));
        Time.Now = SettableTime.At("2026-11-22 23:59:59");
        Assert.Null(await watch.LookAsync(Cancellation));
        Time.Now = SettableTime.At("2026-11-23 00:00:00");
        var result = await watch.LookAsync(Cancellation);
        Assert.Equal((Verdict.Reconciled, Time.Now), (result!.Verdict, result.Due));
        Assert.Equal(["sync", "marts", "reconcile", "report"], result.Steps.Select(s => s.Step));
        Assert.Null(await watch.LookAsync(Cancellation));
        Assert.Null(await (await WatchAsync()).LookAsync(Cancellation)); // nor by another process
        Assert.Equal("23 00:00 reconciled", await ChainsAsync());
    }

    [Fact]
    public async Task Is_run_once_for_all_times_that_were_missed()
    {
        await WatchAsync();
        Time.Now = SettableTime.At("2026-11-26 08:00:00");
        var watch = await WatchAsync();
        Assert.NotNull(await watch.LookAsync(Cancellation));
        Assert.Null(await watch.LookAsync(Cancellation));
        Assert.Equal("26 00:00 reconciled", await ChainsAsync());
    }

    [Fact]
    public async Task Owes_nothing_for_times_before_it_was_scheduled_or_scheduled_otherwise()
    {
        await WatchAsync("0 13 * * *");
        Time.Now = SettableTime.At("2026-11-24 14:00:00");
        Assert.Null(await (await WatchAsync("0 12 * * *")).LookAsync(Cancellation));
        Assert.Equal("0 12 * * *", await ScalarAsync("SELECT cron FROM quality.schedules"));
    }

    [Fact]
    public async Task Is_not_run_again_for_having_failed()
    {
        Work.Reconcile = PlannedWork.Wrong("3 rows differ.");
        var watch = await WatchAsync();
        await NextDayAsync(watch);
        Assert.Null(await watch.LookAsync(Cancellation));
        Assert.Equal("23 00:00 mismatched", await ChainsAsync());
    }

    [Fact]
    public async Task Is_made_good_by_another_process_where_it_was_interrupted()
    {
        using var stop = new CancellationTokenSource();
        Work.Sync = async token =>
        {
            await stop.CancelAsync();
            await Task.Delay(TimeSpan.FromSeconds(30), token);
            throw new InvalidOperationException("it was not stopped");
        };
        var watch = await WatchAsync();
        Time.Now = SettableTime.At("2026-11-23 00:00:00");
        var result = await watch.LookAsync(stop.Token);
        Assert.Equal((true, "Interrupted."), (result!.Stopped, result.Reason));
        Assert.Equal("sync  Interrupted.", await TextAsync("SELECT concat_ws(' ', step, coalesce(verdict, ''), reason) FROM quality.chain_steps"));
        Work.Sync = _ => PlannedWork.Right();
        Assert.NotNull(await (await WatchAsync()).LookAsync(Cancellation));
        Assert.Equal("23 00:00 unknown stopped, 23 00:00 reconciled", await ChainsAsync());
        Assert.Empty(Messages.All); // nothing failed
    }

    [Fact]
    public async Task Is_taken_over_from_a_dead_process_but_not_for_ever()
    {
        var watch = await WatchAsync();
        Time.Now = SettableTime.At("2026-11-23 00:00:00");
        const string died = "INSERT INTO quality.chains (pipeline, due_at, host, process_id, started_at) VALUES ('p', '2026-11-23 00:00Z', 'h', 1, now())";
        await Postgres.ExecuteAsync(Connection, died);
        Assert.Equal(Verdict.Reconciled, (await watch.LookAsync(Cancellation))!.Verdict);
        Assert.Contains(Said, s => s.StartsWith("'p': chain 1 (process 1 on h, since ", StringComparison.Ordinal) && s.EndsWith(" died; this process takes over.", StringComparison.Ordinal));

        Time.Now = SettableTime.At("2026-11-24 00:00:00");
        for (int death = 0; death < DueChain.MostDeaths; death++)
            await Postgres.ExecuteAsync(Connection, died.Replace("-23", "-24"));
        Assert.Null(await watch.LookAsync(Cancellation));
        Assert.Equal("23 00:00 unknown stopped died, 23 00:00 reconciled, 24 00:00 unknown stopped died, 24 00:00 unknown stopped died, 24 00:00 unknown stopped died, 24 00:00 unknown", await ChainsAsync());
        Assert.Equal(("schedule", 1), (Assert.Single(Messages.All).Step, Work.Synced));
        Assert.Null(await watch.LookAsync(Cancellation));
        await NextDayAsync(watch);
        Assert.Equal(["failure", "recovery"], Messages.All.Select(m => m.Kind));
    }

    [Fact]
    public async Task Is_left_to_whoever_holds_its_lock()
    {
        var watch = await WatchAsync();
        Time.Now = SettableTime.At("2026-11-23 00:00:00");
        await using (var held = await ChainLock.TryTakeAsync(Warehouse, "p", Time, Cancellation))
        {
            Assert.NotNull(held);
            Assert.Null(await watch.LookAsync(Cancellation));
            Assert.Null(await watch.LookAsync(Cancellation));
            Assert.Equal((true, 0), (watch.StandsBy, Work.Opened));
            Assert.Equal("'p' is being run by another process; this process stands by.", Assert.Single(Said)); // said once
        }
        Assert.NotNull(await watch.LookAsync(Cancellation));
        Assert.False(watch.StandsBy);
    }

    [Fact]
    public async Task Stops_when_its_lock_is_lost_and_is_made_good()
    {
        var watch = await WatchAsync();
        Time.Now = SettableTime.At("2026-11-23 00:00:00");
        Work.Sync = async token =>
        {
            await Postgres.ExecuteAsync(Connection, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
            await Task.Delay(TimeSpan.FromSeconds(30), token);
            throw new InvalidOperationException("it was not stopped");
        };
        var result = await watch.LookAsync(Cancellation);
        Assert.True(result!.Stopped);
        Assert.Contains("lock was lost", result.Reason);
        Work.Sync = _ => PlannedWork.Right();
        Assert.NotNull(await watch.LookAsync(Cancellation));
        Assert.Equal("23 00:00 unknown stopped, 23 00:00 reconciled", await ChainsAsync());
    }

    [Fact]
    public async Task Is_not_judged_by_a_process_that_was_taken_for_dead()
    {
        var watch = await WatchAsync();
        Work.Reconcile = async _ =>
        {
            await Postgres.ExecuteAsync(Connection, "UPDATE quality.chains SET ended_at = now(), stopped = true, died = true, verdict = 'unknown'");
            return (Verdict.Mismatched, "Rows differ.");
        };
        await NextDayAsync(watch);
        Assert.Equal("23 00:00 unknown stopped died", await ChainsAsync());
        Assert.Empty(Messages.All);
    }

    [Fact]
    public async Task Has_each_step_in_the_journal_with_its_error()
    {
        Work.Sync = PlannedWork.Unreachable("MongoDB cannot be reached.");
        var result = await NextDayAsync(await WatchAsync());
        Assert.Equal((Verdict.Unknown, "sync: MongoDB cannot be reached."), (result.Verdict, result.Reason));
        Assert.Equal("sync unknown MongoDB cannot be reached.|marts not run Not run, because sync failed.|reconcile not run Not run, because sync failed.|report reconciled Written to /report.html",
            await TextAsync("SELECT string_agg(concat_ws(' ', step, coalesce(verdict, 'not run'), reason), '|' ORDER BY started_at, array_position(ARRAY['sync','marts','reconcile','report'], step)) FROM quality.chain_steps"));
        Work.Sync = _ => PlannedWork.Right();
        Work.Marts = (Verdict.Mismatched, "Mart p.m is wrong.");
        result = await NextDayAsync(await WatchAsync());
        Assert.Equal((Verdict.Mismatched, "marts: Mart p.m is wrong."), (result.Verdict, result.Reason));
        Work.Marts = (Verdict.Reconciled, null);
        Work.Report = () => throw new InvalidDataException("odd");
        result = await NextDayAsync(await WatchAsync());
        Assert.Equal((Verdict.Unknown, "report: Internal error, please report it: InvalidDataException: odd"), (result.Verdict, result.Reason));
        Assert.IsType<InvalidDataException>(result.Fault);
    }
}
