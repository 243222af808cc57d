using Etl.Loading;

namespace Etl.Tests.Loading;

/// <summary>
/// Promises I1, I3, I4, I5 and I7 over random histories: inserts, changes, deletes, bad documents, moving and clashing keys, sources that go away,
/// with syncs of random batch sizes between. The model takes one document after the other and knows nothing of batches.
/// </summary>
public sealed class Any_history
{
    const int Sequences = 100;

    readonly SortedDictionary<int, Person> source = [];
    readonly Dictionary<(string Table, string Key), (int Owner, string Row)> rows = [];
    readonly HashSet<(string Table, string Key)> ever = [];
    HashSet<int> refused = [];
    readonly Dictionary<string, HashSet<string>> plans = [];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public Task Ends_where_taking_one_document_after_the_other_ends(int seed, bool deletesSoftly) => HoldsAsync(seed, deletesSoftly, Sequences / 5);

    [Theory, Trait("Category", "Long")]
    [InlineData(3, true)]
    [InlineData(20_261_122, false)]
    public Task Ends_so_whatever_came_before(int seed, bool deletesSoftly) => HoldsAsync(seed, deletesSoftly, Sequences / 2);

    async Task HoldsAsync(int seed, bool deletesSoftly, int sequences)
    {
        var random = new Random(seed);
        await using var community = await Community.OnAsync($"history_{seed}");
        if (deletesSoftly)
            community.Contract = Community.DeletingSoftly();
        for (int sequence = 0; sequence < sequences; sequence++)
        {
            if (sequence % 10 == 9)
                await AgainFromNothingAsync(community);
            string where = $"seed {seed}, sequence {sequence}";
            for (int left = random.Next(1, 7); left > 0; left--)
                Change(random, community);
            int batch = random.Next(1, 8);
            (community.Source.Splits, community.Workers) = (random.Next(2) == 0, random.Next(1, 4));
            if (random.Next(4) == 0)
            {
                // What was committed before the source went away stays; what changed meanwhile is left to the next scan.
                community.Source.FailAfter = random.Next(source.Count + 1);
                await Record.ExceptionAsync(() => community.SyncAsync(batch, null, "users"));
                community.Source.FailAfter = null;
                batch = random.Next(1, 8);
            }
            var result = await community.SyncAsync(batch, null, "users");
            Take();
            await community.BooksCloseAsync(result);
            await IsAsModelledAsync(community, where);
            if (deletesSoftly)
                await KeepsAsync(community, where);
            if (random.Next(3) == 0)
                await community.NothingChangesAsync(random.Next(1, 8), "users");
        }
    }

    /// <summary>First loads go another way, so there is more than one a history.</summary>
    async Task AgainFromNothingAsync(Community community)
    {
        await community.ForgetAsync();
        rows.Clear();
        ever.Clear();
    }

    /// <summary>What was there once and is gone is still there, marked.</summary>
    async Task KeepsAsync(Community community, string where)
    {
        ever.UnionWith(rows.Keys);
        foreach (var (table, key) in ((string, string)[])[("users", "user_id"), ("subscriptions", "subscription_id"), ("invoices", "invoice_id")])
        {
            var kept = await community.ListAsync($"SELECT {key} FROM community.{table} WHERE _deleted_at IS NOT NULL");
            var gone = ever.Where(k => k.Table == table && !rows.ContainsKey(k)).Select(k => k.Key);
            Assert.True(!gone.Except(kept).Any(), $"{where}: {table} lost {string.Join(' ', gone.Except(kept))}");
        }
    }

    void Change(Random random, Community community)
    {
        int id = random.Next(1, 11);
        if (random.Next(5) == 0)
        {
            source.Remove(id);
            community.Source.Remove("users", new Person(id).Position);
            return;
        }
        var person = AnyPerson(random, id);
        source[id] = person;
        community.Put(person);
    }

    /// <summary>Bad ones, and ones that claim what others have, among them.</summary>
    internal static Person AnyPerson(Random random, int id)
    {
        return new Person(id)
        {
            Age = random.Next(4) switch { 0 => null, 1 => 41.0, 2 => 42L, _ => random.Next(130) },
            Country = random.Next(3) == 0 ? null : "DE",
            Group = random.Next(3) == 0 ? null : random.Next(3),
            IsBad = random.Next(6) == 0,
            Subscription = random.Next(4) == 0 ? null : new(random.Next(3) == 0 ? random.Next(1, 11) : id, new($"p{random.Next(3)}", $"d{random.Next(2)}", 1))
            {
                Invoices = random.Next(5) == 0 ? null : [.. Enumerable.Range(0, random.Next(4)).Select(_ => new Invoice(random.Next(5) == 0 ? random.Next(100) : id * 10 + random.Next(10), random.Next(9)))],
            },
        };
    }

    /// <summary>One scan, document by document.</summary>
    void Take()
    {
        refused = [];
        plans.Clear();
        foreach (var gone in rows.Where(r => !source.ContainsKey(r.Value.Owner)).Select(r => r.Key).ToArray())
            rows.Remove(gone);
        foreach (var (id, person) in source)
        {
            var claims = person.Claims().ToArray();
            if (person.IsBad || claims.Distinct().Count() < claims.Length || claims.Any(c => rows.TryGetValue(c, out var row) && row.Owner < id))
            {
                refused.Add(id);
                continue;
            }
            foreach (var own in rows.Where(r => r.Value.Owner == id).Select(r => r.Key).ToArray())
                rows.Remove(own);
            foreach (var (table, key, row) in person.Rows())
                rows[(table, key)] = (id, row);
            if (person.Subscription is { } subscription)
            {
                plans.TryAdd(subscription.Plan.Id, []);
                plans[subscription.Plan.Id].Add(subscription.Plan.Row);
            }
        }
    }

    async Task IsAsModelledAsync(Community community, string where)
    {
        foreach (string table in (string[])["users", "subscriptions", "invoices"])
        {
            var expected = Community.Sorted(rows.Where(r => r.Key.Table == table).Select(r => r.Value.Row));
            var actual = await community.RowsAsync(table);
            Assert.True(expected.SequenceEqual(actual), $"{where}, {table}: expected\n{string.Join('\n', expected)}\nbut found\n{string.Join('\n', actual)}");
        }
        var open = await community.ListAsync("SELECT document_key::jsonb->>'$oid' FROM quality.quarantine WHERE state = 'open' ORDER BY 1");
        Assert.True(refused.Order().Select(id => Person.Hex('a', id)).SequenceEqual(open), $"{where}: refused {string.Join(' ', refused.Order())}, quarantined {string.Join(' ', open)}");
        var dimension = await community.RowsAsync("plans");
        foreach (var (id, given) in plans)
            Assert.True(given.Contains(Assert.Single(dimension, row => row.StartsWith(id + '|', StringComparison.Ordinal))), where);
    }
}
