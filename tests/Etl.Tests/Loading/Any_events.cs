using Etl.Loading;
using FsCheck;
using FsCheck.Fluent;
using Tests.Shared;

namespace Etl.Tests.Loading;

/// <summary>
/// Promises I1, I3 and I5 for events: any events, in any order, batching and number of syncs, with repeats, late ones and contradictions, end in the same
/// tables, and those are what a plain program makes of all events together.
/// </summary>
public sealed class Any_events
{
    const int Cases = 40, FirstDays = 12;

    static readonly string[] Words = ["a", "b", "gone"];

    /// <summary>Places decide between contradictions; of files it is only demanded that the same one always wins.</summary>
    static Gen<Happening> AnyAt(Gen<object> place) =>
        from id in Gen.Choose(1, 12)
        from who in Gen.Choose(1, 4)
        from at in Gen.Choose(0, 5)
        from says in Gen.Elements(Words)
        from bad in Gen.Choose(0, 9)
        from stands in place
        select new Happening($"e{id}", who, at, says, stands) { IsBad = bad == 0 };

    static readonly Gen<object> Day = from day in Gen.Choose(1, 3) from index in Gen.Choose(0, 9) select (object)(day, index);
    static readonly Gen<object> File = Gen.Choose(1, 30).Select(n => (object)$"f{n:00}.json");

    sealed record Step(Happening[] Put, int Batch);

    static Gen<Step[]> Steps(Gen<object> place) => (from put in AnyAt(place).ListOf() from batch in Gen.Choose(1, 7) select new Step([.. put.Take(25)], batch)).NonEmptyListOf().Select(s => s.Take(4).ToArray());

    [Fact]
    public async Task Of_days_end_as_the_highest_version_of_each_key()
    {
        await using var events = await Events.OnAsync("any_days");
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Steps(Day).ToArbitrary(), steps => Wait(async () =>
        {
            await BeginAsync(events);
            var source = new Dictionary<object, Happening>();
            var best = new Dictionary<string, (int Day, int Fetch, int Index, Happening Event)>();
            int fetch = 0;
            foreach (var step in steps)
            {
                foreach (var happening in step.Put)
                    source[happening.Place] = happening;
                events.Put(step.Put);
                await events.BooksCloseAsync(await SyncAsync(events, step.Batch));
                fetch++;
                foreach (var happening in source.Values.Where(h => !h.IsBad))
                {
                    var (day, index) = ((int, int))happening.Place;
                    if (!best.TryGetValue(happening.Id, out var known) || (day, fetch, index).CompareTo((known.Day, known.Fetch, known.Index)) > 0)
                        best[happening.Id] = (day, fetch, index, happening);
                }
                await HoldsAsync(events, [.. best.Values.Select(b => b.Event)]);
            }
            await events.NothingChangesAsync(steps[0].Batch);
        })));
    }

    [Fact]
    public async Task Of_files_end_alike_in_any_order_and_batching()
    {
        await using var events = await Events.OnAsync("any_files");
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Steps(File).ToArbitrary(), steps => Wait(async () =>
        {
            // A file once written stays as it is; so all that differs is what is read when.
            var all = steps.SelectMany(s => s.Put).GroupBy(h => h.Place).Select(g => g.First()).ToArray();
            await BeginAsync(events);
            events.Put(all);
            await events.BooksCloseAsync(await SyncAsync(events, 10_000));
            string expected = await AllAsync(events);
            await IsDerivedAsync(events);

            await BeginAsync(events);
            foreach (var step in Enumerable.Reverse(steps))
            {
                events.Put([.. step.Put.Where(h => all.Contains(h))]);
                await events.BooksCloseAsync(await SyncAsync(events, step.Batch));
            }
            Assert.Equal(expected, await AllAsync(events));
            await events.NothingChangesAsync(steps[0].Batch);
        })));
    }

    /// <summary>An empty table is filled without its key; another unique index keeps the loader from it, and all goes by the stage.</summary>
    [Theory]
    [InlineData(1_000)]
    [InlineData(2)]
    public async Task Of_a_first_day_end_alike_with_and_without_the_stage(int rememberedKeys)
    {
        await using var events = await Events.OnAsync("any_first", rememberedKeys: rememberedKeys);
        var day = from put in AnyAt(from index in Gen.Choose(0, 40) select (object)(1, index)).ListOf() from batch in Gen.Choose(1, 7) select new Step([.. put.DistinctBy(h => h.Place).Take(30)], batch);
        int filled = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(FirstDays), Prop.ForAll(day.ToArbitrary(), step => Wait(async () =>
        {
            async Task<string> LoadAsync(bool byStage)
            {
                await BeginAsync(events);
                await events.SyncAsync();
                if (byStage)
                    await events.ExecuteAsync("CREATE UNIQUE INDEX another ON events.happenings (id, at, who, says)");
                events.Put(step.Put);
                var result = await events.SyncAsync(step.Batch);
                await events.BooksCloseAsync(result);
                filled += byStage ? 0 : result.Documents.Sum(d => d.Duplicate + d.Superseded) > 0 ? 1 : 0;
                Assert.Equal(1, await events.CountAsync("SELECT count(*) FROM pg_index WHERE indrelid = 'events.happenings'::regclass AND indisprimary"));
                return string.Join('\n', [.. await events.ListAsync("SELECT concat_ws('|', id, _hash) COLLATE \"C\" AS r FROM events.happenings ORDER BY r"), await AllAsync(events),
                    .. result.Documents.Select(d => $"{d}"), .. result.Tables.Select(t => $"{t.Table.Name} {t.Produced} {t.Inserted} {t.Updated} {t.Unchanged} {t.Removed}")]);
            }
            Assert.Equal(await LoadAsync(byStage: true), await LoadAsync(byStage: false));
            await events.NothingChangesAsync(step.Batch);
        })));
        Assert.True(filled > 0, "No case had a key twice.");
    }

    static Task<SyncResult> SyncAsync(Events events, int batch) => events.SyncAsync(batch);

    static void Wait(Func<Task> judge) => Task.Run(judge).GetAwaiter().GetResult();

    static async Task BeginAsync(Events events)
    {
        await events.ForgetAsync();
        foreach (byte[] document in events.Source.Documents("happenings").ToArray())
            events.Source.Remove("happenings", MemorySource.PositionOf(document));
    }

    static async Task<string> AllAsync(Events events) =>
        string.Join('\n', [.. await events.EventsAsync(), "", .. await events.NowAsync(), "", .. await events.StatesAsync()]);

    static async Task HoldsAsync(Events events, IReadOnlyList<Happening> expected)
    {
        Assert.Equal(expected.Select(e => e.Row).Order(StringComparer.Ordinal), await events.EventsAsync());
        Assert.Equal(expected.GroupBy(e => e.Who).Select(Last).Order(StringComparer.Ordinal), await events.NowAsync());
        Assert.Equal(expected.GroupBy(e => e.Who).SelectMany(g => States([.. g])).Order(StringComparer.Ordinal), await events.StatesAsync());
    }

    /// <summary>Whatever the event table holds, the other two follow from it.</summary>
    static async Task IsDerivedAsync(Events events)
    {
        var rows = (await events.EventsAsync()).Select(r => r.Split('|')).Select(r => new Happening(r[0], int.Parse(r[2]), (int)(DateTime.Parse(r[1]) - DateTime.UnixEpoch).TotalSeconds, r[3], "")).ToArray();
        await HoldsAsync(events, rows);
    }

    static IEnumerable<Happening> InOrder(IEnumerable<Happening> events) => events.OrderBy(e => e.At).ThenBy(e => e.Id, StringComparer.Ordinal);

    static string Last(IEnumerable<Happening> ofOne) => InOrder(ofOne).Last().LatestRow;

    static IEnumerable<string> States(Happening[] ofOne)
    {
        var ordered = InOrder(ofOne).ToArray();
        for (int i = 0; i < ordered.Length; i++)
        {
            bool last = i == ordered.Length - 1;
            yield return $"{ordered[i].Who}|{ordered[i].Id}|{ordered[i].Says}|{Happening.Time(ordered[i].At)}|{(last ? "∅" : Happening.Time(ordered[i + 1].At))}|{(last ? "t" : "f")}|{(ordered[i].IsDeletion ? "t" : "f")}";
        }
    }
}
