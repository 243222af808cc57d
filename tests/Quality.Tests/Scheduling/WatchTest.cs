using Etl.Loading;
using Quality.Scheduling;
using Quality.Scheduling.Alerts;
using Quality.Scheduling.Metrics;
using Tests.Shared;

namespace Quality.Tests.Scheduling;

/// <summary>One pipeline, 'p', due every day at 00:00, at a time that the test sets; and a warehouse of its own.</summary>
public abstract class WatchTest(string database) : IAsyncLifetime
{
    readonly SettableTime time = new("2026-11-22 12:00:00");
    readonly ChainMeter meter = new(TimeProvider.System);
    readonly KeptMessages messages = new();
    readonly List<string> said = [];
    string connection = "";
    Warehouse warehouse = null!;
    PlannedWork work = null!;

    private protected SettableTime Time => time;
    private protected KeptMessages Messages => messages;
    private protected List<string> Said => said;
    private protected string Connection => connection;
    private protected Warehouse Warehouse => warehouse;
    private protected PlannedWork Work => work;

    public async ValueTask InitializeAsync()
    {
        connection = await Postgres.DatabaseAsync(database);
        warehouse = new Warehouse(connection);
        work = new PlannedWork(connection);
        await (await warehouse.OpenJournalAsync(time, TestContext.Current.CancellationToken)).DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        meter.Dispose();
        await warehouse.DisposeAsync();
    }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>As another process would make it: nothing is remembered but what the journal knows.</summary>
    private protected async Task<Watch> WatchAsync(string cron = CronSchedule.Daily)
    {
        var book = new AlertBook([messages.Name], new Dictionary<string, string> { ["p"] = "./p" });
        var sender = new AlertSender([messages], book, meter, time, said.Add);
        var watch = new Watch("p", CronSchedule.Parse(cron, "--cron", time), warehouse, new Chain(warehouse, book, meter, time), book, sender,
            new Outage(sender, "the warehouse", time, said.Add), meter, time, Open, said.Add);
        await watch.RegisterAsync(Cancellation);
        return watch;
    }

    PlannedWork Open()
    {
        work.Opened++;
        return work;
    }

    /// <summary>Puts the clock forward to the next day's chain.</summary>
    private protected async Task<ChainResult> NextDayAsync(Watch watch)
    {
        time.Now = new DateTimeOffset(time.Now.UtcDateTime.Date.AddDays(1).AddMinutes(1), TimeSpan.Zero);
        return Assert.IsType<ChainResult>(await watch.LookAsync(Cancellation));
    }

    private protected Task<object?> ScalarAsync(string sql) => Postgres.ScalarAsync(connection, sql);

    private protected async Task<string> TextAsync(string sql) => $"{await ScalarAsync(sql)}";
}
