using System.Globalization;
using Etl.Loading;

namespace Etl.Tests.Marts;

/// <summary>Each of them against the same computed here, in C#, from the rows of the tables.</summary>
public sealed class The_shipped_marts
{
    static string[] Sorted(IEnumerable<FormattableString> rows) => [.. rows.Select(FormattableString.Invariant).Order(StringComparer.Ordinal)];

    static string Iso(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Rounded(decimal value) => Math.Round(value, 10, MidpointRounding.AwayFromZero).ToString("0.0000000000", CultureInfo.InvariantCulture);

    static DateTime Monday(DateTime at) => at.Date.AddDays(-(((int)at.DayOfWeek + 6) % 7));

    /// <summary>Around the turn of a leap year, often a moment before or at midnight.</summary>
    static DateTime Moment(Random random) => new DateTime(2019, 12, 20, 0, 0, 0, DateTimeKind.Utc).AddDays(random.Next(75))
        .AddTicks(random.Next(4) switch { 0 => 0, 1 => TimeSpan.TicksPerDay - 10, _ => random.NextInt64(TimeSpan.TicksPerDay / 10) * 10 });

    static T Pick<T>(Random random, params T[] of) => of[random.Next(of.Length)];

    [Theory]
    [InlineData(0), InlineData(400)]
    public async Task Of_the_community_count_every_user_subscription_and_message(int size)
    {
        await using var warehouse = await MartWarehouse.OfAsync("community", "community");
        var random = new Random(11);
        var users = Enumerable.Range(0, size).Select(i => (Id: $"u{i}", Country: Pick(random, "GB", "FR", "", null, "Å|x"), Age: Pick<int?>(random, null, 0, 17, 18, 24, 25, 34, 35, 44, 45, 54, 55, 64, 65, 130), Gender: Pick(random, "Male", "Female", "", null), At: Moment(random))).ToArray();
        var subscriptions = users.Where(_ => random.Next(10) > 0).Select(u => (User: u.Id, Plan: Pick(random, "1", "2", "3", "gone"))).ToArray();
        var messages = Enumerable.Range(0, size * 3).Select(i => (Thread: $"t{i / 5}", Ordinal: i % 5, User: Pick(random, null, $"u{random.Next(size)}"), Group: Pick(random, null, $"g{random.Next(9)}"), At: Pick<DateTime?>(random, null, Moment(random), Moment(random)))).ToArray();
        // A week in which nobody is known to have written.
        if (size > 0)
            messages = [.. messages, ("late", 0, null, null, new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc))];
        await warehouse.FillAsync("community.users", "user_id, country, age, gender, signed_up_at", users.Select(u => new object?[] { u.Id, u.Country, u.Age, u.Gender, u.At }));
        await warehouse.FillAsync("community.subscriptions", "subscription_id, user_id, plan_id", subscriptions.Select((s, i) => new object?[] { $"s{i}", s.User, s.Plan }));
        await warehouse.FillAsync("community.plans", "plan_id, description", [["1", "One"], ["2", null], ["3", "Three"], ["4", "Nobody's"]]);
        await warehouse.FillAsync("community.messages", "thread_id, ordinal, user_id, group_id, sent_at", messages.Select(m => new object?[] { m.Thread, m.Ordinal, m.User, m.Group, m.At }));
        await warehouse.BuildWholeAsync();

        foreach (var (mart, period) in ((string, Func<DateTime, DateTime>)[])[("daily", at => at.Date), ("weekly", Monday), ("monthly", at => new DateTime(at.Year, at.Month, 1))])
            Assert.Equal(
                Sorted(users.GroupBy(u => (Iso(period(u.At)), u.Country ?? "", Band(u.Age), u.Gender ?? "")).Select(g => (FormattableString)$"{g.Key.Item1}|{g.Key.Item2}|{g.Key.Item3}|{g.Key.Item4}|{g.Count()}")),
                await warehouse.RowsAsync($"community.signups_{mart}", "to_char(period, 'YYYY-MM-DD')", "country", "age_band", "gender", "signups"));
        Assert.Equal(
            Sorted(subscriptions.GroupBy(s => s.Plan).Select(g => (FormattableString)$"{g.Key}|{g.Key switch { "1" => "One", "3" => "Three", _ => "" }}|{g.Select(s => s.User).Distinct().Count()}|{Rounded((decimal)g.Count() / subscriptions.Length)}")),
            await warehouse.RowsAsync("community.subscription_share", "plan_id", "description", "users", "round(share, 10)"));
        foreach (bool byUser in (bool[])[true, false])
        {
            string one = byUser ? "user" : "group";
            Assert.Equal(
                Sorted(messages.Where(m => m.At is not null).GroupBy(m => Monday(m.At!.Value)).Select(g => (Week: g.Key, Messages: g.Count(), Of: g.Select(m => byUser ? m.User : m.Group).OfType<string>().Distinct().Count()))
                    .Select(g => (FormattableString)$"{Iso(g.Week)}|{g.Of}|{g.Messages}|{(g.Of == 0 ? "∅" : Rounded((decimal)g.Messages / g.Of))}")),
                await warehouse.RowsAsync($"community.messages_per_{one}_weekly", "to_char(week, 'YYYY-MM-DD')", $"{one}s", "messages", $"round(avg_per_{one}, 10)"));
        }
    }

    static string Band(int? age) => age switch { null => "", <= 17 => "0-17", <= 24 => "18-24", <= 34 => "25-34", <= 44 => "35-44", <= 54 => "45-54", <= 64 => "55-64", _ => "65+" };

    [Theory]
    [InlineData(0), InlineData(1_500)]
    public async Task Of_product_events_count_users_corporations_and_days(int size)
    {
        await using var warehouse = await MartWarehouse.OfAsync("product-events", "product_events");
        var random = new Random(12);
        var events = Enumerable.Range(0, size).Select(i => (Date: Moment(random).Date, User: (long)random.Next(12), Corporation: Pick<long?>(random, null, 0, 7, 8), Status: Pick(random, "active", "active", "churned", null))).ToArray();
        await warehouse.FillAsync("product_events.user_events", "device_id, event_time, date, user_id, user_corporate_id, user_corporate_status",
            events.Select((e, i) => new object?[] { $"d{i}", (long)i, e.Date, e.User, e.Corporation, e.Status }));
        await warehouse.BuildWholeAsync();

        static string Week(DateTime date) => FormattableString.Invariant($"{date.Year}|{(date.DayOfYear - 1) / 7 + 1:00}");
        Assert.Equal(Sorted(events.GroupBy(e => Week(e.Date)).Select(g => (FormattableString)$"{g.Key}|{g.Select(e => e.User).Distinct().Count()}")),
            await warehouse.RowsAsync("processed.customers_engagement", "year", "week_of_year", "active_users"));
        Assert.Equal(Sorted(events.Where(e => e is { Status: "active", Corporation: not null }).GroupBy(e => Week(e.Date)).Select(g => (FormattableString)$"{g.Key}|{g.Select(e => e.Corporation).Distinct().Count()}")),
            await warehouse.RowsAsync("processed.active_corporations", "year", "week_of_year", "active_corporations"));
        Assert.Equal(
            Sorted(events.GroupBy(e => (Week(e.Date), e.User, e.Corporation)).Select(g => (g.Key, Days: g.GroupBy(e => e.Date).Select(d => d.Count()).ToArray()))
                .Select(g => (FormattableString)$"{g.Key.Item1}|{g.Key.User}|{(g.Key.Corporation is { } c ? $"{c}" : "∅")}|{g.Key.Corporation}|{Rounded((decimal)g.Days.Sum() / g.Days.Length)}|{g.Days.Max()}|{g.Days.Min()}")),
            await warehouse.RowsAsync("processed.summary", "year", "week_of_year", "user_id", "user_corporate_id", "corporation", "round(avg_events_count, 10)", "max_events_count", "min_events_count"));
        Assert.Equal(["numeric"], await warehouse.ListAsync("SELECT data_type::text FROM information_schema.columns WHERE table_name = 'summary' AND column_name = 'avg_events_count'"));
        Assert.Equal([$"{size}"], await warehouse.ListAsync("SELECT count(*)::text FROM product_events.user_events_view"));
        Assert.Equal(
            await warehouse.ListAsync("SELECT column_name::text || ' ' || data_type FROM information_schema.columns WHERE table_schema = 'product_events' AND table_name = 'user_events' AND column_name NOT LIKE '\\_%' ORDER BY 1"),
            await warehouse.ListAsync("SELECT column_name::text || ' ' || data_type FROM information_schema.columns WHERE table_name = 'user_events_view' ORDER BY 1"));
    }

    static readonly string[] Kinds = ["User Created", "User Updated", "User Deleted"];

    static async Task<(MartWarehouse, (long Sk, long Id, string Kind, DateTime At)[])> CrmAsync(string test, int size)
    {
        var warehouse = await MartWarehouse.OfAsync("crm", test);
        var random = new Random(13);
        var events = Enumerable.Range(0, size).Select(i => (Sk: (long)i, Id: (long)random.Next(size / 8 + 1), Kind: Pick(random, Kinds), At: Moment(random))).ToArray();
        await warehouse.FillAsync("raw.user_events", "event_sk, id, event_type, received_at", events.Select(e => new object?[] { e.Sk, e.Id, e.Kind, e.At }));
        await warehouse.FillAsync("crm.users_dim", "event_sk, id, valid_from, valid_to, is_valid, is_deleted", events.GroupBy(e => e.Id).SelectMany(g =>
        {
            var states = g.OrderBy(e => e.At).ThenBy(e => e.Sk).ToArray();
            return states.Select((e, i) => new object?[] { e.Sk, e.Id, e.At, i + 1 < states.Length ? states[i + 1].At : null, i + 1 == states.Length, e.Kind == Kinds[2] });
        }));
        return (warehouse, events);
    }

    [Theory]
    [InlineData(0), InlineData(500)]
    public async Task Of_the_crm_count_every_event(int size)
    {
        var (warehouse, events) = await CrmAsync("crm", size);
        await using var _ = warehouse;
        await warehouse.BuildWholeAsync();
        Assert.Equal(
            Sorted(events.GroupBy(e => e.At.Date).Select(g => (FormattableString)$"{Iso(g.Key)}|{g.Count(e => e.Kind == Kinds[0])}|{g.Count(e => e.Kind == Kinds[1])}|{g.Count(e => e.Kind == Kinds[2])}|{g.Select(e => e.Id).Distinct().Count()}|{g.Count()}")),
            await warehouse.RowsAsync("reports.user_events_daily", "to_char(event_date, 'YYYY-MM-DD')", "n_created", "n_updated", "n_deleted", "n_unique", "n_total"));
    }

    [Theory]
    [InlineData("UPDATE crm.users_dim SET is_valid = true, valid_to = NULL WHERE event_sk = (SELECT min(event_sk) FROM crm.users_dim WHERE NOT is_valid)", "exactly one valid row for each user")]
    [InlineData("UPDATE crm.users_dim SET is_valid = false, valid_to = now() WHERE event_sk = (SELECT min(event_sk) FROM crm.users_dim WHERE is_valid)", "exactly one valid row for each user")]
    [InlineData("DELETE FROM crm.users_dim WHERE id = 3", "every user with events has a valid row")]
    [InlineData("UPDATE crm.users_dim SET valid_to = valid_to + interval '1 us' WHERE event_sk = (SELECT min(event_sk) FROM crm.users_dim WHERE NOT is_valid)", "versions of a user do not overlap")]
    [InlineData("UPDATE crm.users_dim SET valid_to = 'infinity' WHERE event_sk = (SELECT min(event_sk) FROM crm.users_dim WHERE is_valid)", "versions of a user do not overlap")]
    [InlineData("INSERT INTO raw.user_events (event_sk, id, event_type, received_at) VALUES (-1, 3, 'User Sold', '2020-01-01Z')", "every event is of one kind")]
    public async Task Of_the_crm_find_what_is_wrong_with_the_versions_of_users(string damage, string check)
    {
        var (warehouse, _) = await CrmAsync("crm_checks", 60);
        await using var __ = warehouse;
        await warehouse.BuildWholeAsync();
        await warehouse.RunAsync(damage);
        var build = await warehouse.BuildAsync();
        Assert.Equal(Verdict.Mismatched, build.Verdict);
        Assert.Contains(check, build.Checks.Where(c => c.Holds == false).Select(c => c.Name));
    }

    /// <summary>Totals that do not agree are found: as if rows came into the table that the SELECT does not see.</summary>
    [Fact]
    public async Task Find_totals_that_do_not_agree()
    {
        foreach (var mart in (string[])["community", "product-events", "crm"])
            foreach (var made in Etl.Contracts.ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", mart)).Marts)
                Assert.NotEmpty(made.Checks);
        await using var warehouse = await MartWarehouse.OfAsync("community", "totals");
        await warehouse.FillAsync("community.users", "user_id, signed_up_at", [["u1", DateTime.UnixEpoch]]);
        await warehouse.BuildWholeAsync();
        // A trigger that loses rows of the mart stands for a wrong SELECT.
        await warehouse.RunAsync("CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER lose BEFORE INSERT ON community.signups_weekly FOR EACH ROW EXECUTE FUNCTION lose()");
        await warehouse.FillAsync("community.users", "user_id, signed_up_at", [["u2", DateTime.UnixEpoch.AddDays(40)]]);
        var build = await warehouse.BuildAsync();
        Assert.Equal("Check 'all users are counted' of mart community.signups_weekly (marts/signups_weekly.sql:9:33) gives 1, and must give 0. All marts keep the content that they had.", build.Trouble);
        Assert.Equal(["1"], await warehouse.ListAsync("SELECT count(*)::text FROM community.signups_daily"));
    }
}
