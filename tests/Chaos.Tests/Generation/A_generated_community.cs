using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Chaos.Generation;

namespace Chaos.Tests.Generation;

public sealed class A_generated_community
{
    static readonly string[] Collections = ["groups", "users", "messages"];
    static readonly CommunityOptions Options = new() { Days = 40, SignUpsPerDay = 60, Seed = 7 };
    static readonly Lazy<Task<MemorySink>> Shared = new(() => MadeAsync(Options));

    static async Task<MemorySink> MadeAsync(CommunityOptions options, MemorySink? sink = null)
    {
        sink ??= new MemorySink();
        await new CommunityGenerator(sink, options).GenerateDaysAsync(TestContext.Current.CancellationToken);
        return sink;
    }

    static async Task<List<JsonObject>> DocumentsAsync(string collection) => [.. (await Shared.Value)[collection].Select(Json.Of)];

    static string Hash(MemorySink sink)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string collection in Collections)
            foreach (var document in sink[collection])
                hash.AppendData(document);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    static IEnumerable<string> Ids(JsonNode? node) => node switch
    {
        JsonObject value when value.ContainsKey("$oid") => [value["$oid"]!.GetValue<string>()],
        JsonObject value => value.SelectMany(field => Ids(field.Value)),
        JsonArray items => items.SelectMany(Ids),
        _ => [],
    };

    [Fact]
    public async Task Is_the_same_byte_for_byte_for_the_same_seed() =>
        Assert.Equal(Hash(await Shared.Value), Hash(await MadeAsync(Options)));

    [Fact]
    public async Task Is_another_for_another_seed() =>
        Assert.NotEqual(Hash(await Shared.Value), Hash(await MadeAsync(Options with { Seed = 8 })));

    [Fact]
    public async Task Has_as_many_users_as_signed_up_on_each_day()
    {
        var days = (await DocumentsAsync("users")).CountBy(user => DateOnly.FromDateTime(user.Date("signUpDate").UtcDateTime)).ToDictionary();
        Assert.Equal(Options.Days, days.Count);
        Assert.All(days.Values, count => Assert.Equal(Options.SignUpsPerDay, count));
        Assert.Equal(Options.CompanyStartDate, days.Keys.Min());
    }

    [Fact]
    public async Task Has_users_with_their_fields_in_the_application_s_order()
    {
        string[] all = ["_id", "firstname", "lastname", "age", "gender", "country", "postCode", "signUpDate", "groupId", "fakeDataHelpers", "subscriptions"];
        var users = await DocumentsAsync("users");
        Assert.All(users, user => Assert.Equal(all.Where(user.ContainsKey), user.Select(field => field.Key)));
        Assert.Contains(users, user => user.Count == all.Length);
        Assert.All(users, user => Assert.Equal(["_id", "subscriptionID", "startDate", "planType", "invoices"], user["subscriptions"]!.AsObject().Select(field => field.Key)));
        Assert.All(users, user => Assert.Equal(
            ["_id", "planID", "planDescription", "planCost", "currency", "planLength", "planLengthUnits", "paymentType"],
            user["subscriptions"]!["planType"]!.AsObject().Select(field => field.Key)));
    }

    [Fact]
    public async Task Has_users_that_obey_the_contract()
    {
        foreach (var user in await DocumentsAsync("users"))
        {
            Assert.Equal(24, user.Id().Length);
            _ = user.Date("signUpDate");
            if (user["age"] is not null)
                Assert.InRange(user.Int("age"), 16, 90);
            Assert.False(string.IsNullOrEmpty(user["subscriptions"]!["planType"].Text("planID")));
            Assert.Contains(user["subscriptions"]!["planType"].Text("paymentType"), new[] { "repeat", "upfront" });
            Assert.DoesNotContain('\0', user.ToJsonString());
        }
    }

    [Fact]
    public async Task Lacks_an_optional_field_now_and_then()
    {
        var users = await DocumentsAsync("users");
        Assert.Contains(users, user => !user.ContainsKey("postCode"));
        Assert.Contains(users, user => user.ContainsKey("postCode") && user["postCode"] is null);
        Assert.Contains(users, user => user["gender"] is { } gender && gender.GetValue<string>() == "");
        Assert.Contains(users, user => !user.ContainsKey("fakeDataHelpers"));
        Assert.Contains(users, user => user.ContainsKey("groupId") && user["groupId"] is null);
        Assert.InRange(users.Count(user => user.ContainsKey("postCode")), users.Count * 0.9, users.Count - 1);
    }

    [Fact]
    public async Task Names_people_in_many_scripts()
    {
        var names = (await DocumentsAsync("users")).Select(user => $"{user["firstname"]} {user["lastname"]}").ToList();
        Assert.Contains(names, name => name.Any(letter => letter is >= 'Ѐ' and <= 'ӿ'));
        Assert.Contains(names, name => name.IndexOfAny(['ä', 'ö', 'ü', 'ß']) >= 0);
        Assert.Contains(names, name => name.Contains('\''));
        Assert.True(names.Distinct().Count() > names.Count * 0.8);
    }

    [Fact]
    public async Task Has_four_plans_whose_values_never_differ()
    {
        var plans = (await DocumentsAsync("users")).Select(user => user["subscriptions"]!["planType"]!.AsObject()).ToList();
        Assert.Equal(plans.Count, plans.Select(plan => plan.Id()).Distinct().Count());
        foreach (var plan in plans)
            plan.Remove("_id");
        var distinct = plans.DistinctBy(plan => plan.ToJsonString()).OrderBy(plan => plan.Text("planID"), StringComparer.Ordinal).ToList();
        Assert.Equal(["CoreTechMonthly", "CoreTechUpfront", "CoreNoTechMonthly", "CoreNoTechUpfront"], distinct.Select(plan => plan.Text("planDescription")));
    }

    [Fact]
    public async Task Mixes_int32_and_double_in_one_field()
    {
        var subscriptions = (await DocumentsAsync("users")).Select(user => user["subscriptions"]!).ToList();
        string[] both = ["$numberDouble", "$numberInt"];
        Assert.Equal(both, subscriptions.Select(subscription => subscription["planType"].NumberType("planCost")).Distinct().Order());
        Assert.Equal(both, subscriptions.SelectMany(subscription => subscription["invoices"]!.AsArray()).Select(invoice => invoice.NumberType("amount")).Distinct().Order());
    }

    [Fact]
    public async Task Invoices_by_the_month_or_once_up_front()
    {
        var last = new DateTimeOffset(Options.CompanyStartDate.AddDays(Options.Days), TimeOnly.MinValue, TimeSpan.Zero);
        foreach (var subscription in (await DocumentsAsync("users")).Select(user => user["subscriptions"]!))
        {
            var start = subscription.Date("startDate");
            bool monthly = subscription["planType"].Text("paymentType") == "repeat";
            var expected = Enumerable.Range(0, monthly ? 12 : 1).Select(start.AddMonths).TakeWhile(date => date < last);
            Assert.Equal(expected, subscription["invoices"]!.AsArray().Select(invoice => invoice!["info"].Date("date")));
            Assert.All(subscription["invoices"]!.AsArray(), invoice => Assert.Contains(invoice!["info"].Text("status"), new[] { "paid", "pending", "failed" }));
        }
    }

    [Fact]
    public async Task Starts_groups_on_Mondays_that_their_users_can_still_reach()
    {
        var groups = (await DocumentsAsync("groups")).ToDictionary(group => group.Id(), group => group.Date("startDate"));
        Assert.All(groups.Values, start => Assert.Equal(DayOfWeek.Monday, start.DayOfWeek));
        foreach (var user in await DocumentsAsync("users"))
            if (user["groupId"] is not null)
                Assert.InRange((groups[user.Id("groupId")] - user.Date("signUpDate")).TotalDays, -1, 7);
    }

    [Fact]
    public async Task Has_one_thread_for_a_user_and_group_in_order_of_time()
    {
        var users = (await DocumentsAsync("users")).ToDictionary(user => user.Id());
        var threads = await DocumentsAsync("messages");
        Assert.Equal(threads.Count, threads.Select(thread => (thread.Id("userId"), thread.Id("groupId"))).Distinct().Count());
        foreach (var thread in threads)
        {
            var user = users[thread.Id("userId")];
            Assert.Equal(user.Id("groupId"), thread.Id("groupId"));
            var dates = thread["messages"]!.AsArray().Select(message => message.Date("messageDate")).ToList();
            Assert.Equal(dates.Order(), dates);
            if (dates.Count > 0)
            {
                Assert.True(dates[0] > user.Date("signUpDate"));
                Assert.Equal(dates[^1], thread.Date("latestMessageDate"));
            }
        }
        Assert.InRange(threads.Count(thread => thread["messages"]!.AsArray().Count == 0), 1, threads.Count / 50);
    }

    [Fact]
    public async Task Writes_emoji_long_empty_and_missing_texts()
    {
        var texts = (await DocumentsAsync("messages")).SelectMany(thread => thread["messages"]!.AsArray()).Select(message => message!["message"]?.GetValue<string>()).ToList();
        Assert.Contains(texts, text => text is null);
        Assert.Contains(texts, text => text == "");
        Assert.Contains(texts, text => text?.Length > 300);
        Assert.Contains(texts, text => text?.Any(char.IsSurrogate) == true);
        Assert.Contains(texts, text => text?.Contains('"') == true);
    }

    [Fact]
    public async Task Never_repeats_an_id_and_takes_none_from_the_wall_clock()
    {
        var users = await DocumentsAsync("users");
        var made = users.SelectMany(user => Ids(user).Except(user["groupId"] is null ? [] : [user.Id("groupId")]))
            .Concat((await DocumentsAsync("groups")).SelectMany(Ids)).Concat((await DocumentsAsync("messages")).Select(thread => thread.Id())).ToList();
        Assert.Equal(made.Count, made.Distinct().Count());
        long first = new DateTimeOffset(Options.CompanyStartDate, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds();
        Assert.All(made, id => Assert.InRange(Convert.ToInt64(id[..8], 16), first, first + Options.Days * 86_400));
    }

    [Fact]
    public async Task Continues_after_the_newest_day_and_never_repeats_an_id()
    {
        var options = Options with { Days = 9, SignUpsPerDay = 30 };
        var sink = await MadeAsync(options);
        int before = sink["groups"].Count, threads = sink["messages"].Count;
        var summary = await new CommunityGenerator(sink, options with { Days = 5 }).GenerateDaysAsync(TestContext.Current.CancellationToken);

        Assert.Equal((options.CompanyStartDate.AddDays(9), options.CompanyStartDate.AddDays(13)), (summary.FirstDay, summary.LastDay));
        Assert.Equal(14 * 30, sink["users"].Count); // the sink refuses an _id that is there already
        var users = sink["users"].Select(Json.Of).ToList();
        var ids = users.SelectMany(user => Ids(user["subscriptions"])).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(sink["groups"].Count, before + summary.Groups);
        Assert.Equal(sink["messages"].Count, threads + summary.Threads);
        var pairs = sink["messages"].Select(Json.Of).Select(thread => (thread.Id("userId"), thread.Id("groupId"))).ToList();
        Assert.Equal(pairs.Count, pairs.Distinct().Count());
        Assert.Contains(sink.Updates, update => update.Collection == "messages");
        Assert.Equal(summary.Invoices, users.Sum(user => user["subscriptions"]!["invoices"]!.AsArray().Count));
    }

    [Fact]
    public async Task Continues_over_documents_of_another_shape()
    {
        var sink = await MadeAsync(Options with { Days = 2 });
        await sink.InsertAsync("users",
        [
            Etl.Documents.Bson.Make(user => user.Write("_id", 1).Write("signUpDate", "yesterday")),
            Etl.Documents.Bson.Make(user => user.WriteObjectId("_id", new byte[12]).WriteDateTime("signUpDate", long.MaxValue).WriteNull("subscriptions")),
        ]);
        await MadeAsync(Options with { Days = 2 }, sink);
        Assert.Equal(4 * Options.SignUpsPerDay + 2, sink["users"].Count);
    }

    [Fact]
    public async Task Adds_up_in_its_summary()
    {
        var sink = new MemorySink();
        var summary = await new CommunityGenerator(sink, Options with { Days = 10 }).GenerateDaysAsync(TestContext.Current.CancellationToken);
        Assert.Equal(sink["users"].Count, summary.Users);
        Assert.Equal(sink["groups"].Count, summary.Groups);
        Assert.Equal(sink["messages"].Count, summary.Threads);
        Assert.Equal(sink["messages"].Sum(thread => Json.Of(thread)["messages"]!.AsArray().Count), summary.Messages);
        Assert.Equal(sink["users"].Sum(user => Json.Of(user)["subscriptions"]!["invoices"]!.AsArray().Count), summary.Invoices);
    }
}
