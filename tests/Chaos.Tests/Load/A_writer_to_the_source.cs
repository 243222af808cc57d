using Chaos.Generation;
using Chaos.Load;
using Chaos.MongoEmulator;
using Chaos.Tests.Corruption;
using Etl;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;
using Etl.Validation;

namespace Chaos.Tests.Load;

public sealed class A_writer_to_the_source : IAsyncLifetime
{
    readonly MongoServer server = MongoServer.Start(new MongoServerOptions());
    readonly CancellationToken stop = TestContext.Current.CancellationToken;
    MongoConnection connection = null!;
    MongoSource source = null!;

    public async ValueTask InitializeAsync()
    {
        connection = MongoConnection.Open(server.Uri);
        source = new MongoSource(server.Uri, Subjects.Community);
        await CommunityGenerator.ForMongo(connection, new CommunityOptions { Days = 12, SignUpsPerDay = 6, Seed = 2 }).GenerateDaysAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        connection.Dispose();
        await server.DisposeAsync();
    }

    async Task<SortedDictionary<string, string>> DocumentsAsync()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var dataset in Subjects.Community.Datasets)
        {
            await using var scan = source.Scan(dataset, ScanRange.Whole, null);
            await foreach (var batch in scan.BatchesAsync(cancellation: stop))
                for (int i = 0; i < batch.Count; i++)
                    all.Add(dataset.Name + Convert.ToHexString(source.PositionOf(dataset, batch[i])), Convert.ToHexString(batch[i]));
        }
        return all;
    }

    [Fact]
    public async Task Changes_only_what_it_inserted_and_takes_all_of_it_out_again()
    {
        var before = await DocumentsAsync();
        var writer = await SourceWriter.OpenAsync(connection, source, Subjects.Community, 1, stop);
        var random = new Random(1);
        for (int i = 0; i < 60; i++)
            await writer.InsertAsync(random, stop);
        var inserted = await DocumentsAsync();
        Assert.Equal((60, before.Count + 60), (writer.Written, inserted.Count));
        Assert.Equal(before.Keys, before.Keys.Intersect(inserted.Keys));
        Assert.Equal(inserted.Keys.Except(before.Keys).Order(StringComparer.Ordinal),
            Subjects.Community.Datasets.SelectMany(d => writer.PositionsOf(d).Select(p => d.Name + p)).Order(StringComparer.Ordinal));

        for (int i = 0; i < 60; i++)
            await writer.UpdateAsync(random, stop);
        for (int i = 0; i < 20; i++)
            await writer.DeleteAsync(random, stop);
        var changed = await DocumentsAsync();
        Assert.Equal((40, before.Count + 40), (writer.Written, changed.Count));
        Assert.Contains(changed, d => inserted.TryGetValue(d.Key, out string? was) && was != d.Value);
        Assert.All(before, d => Assert.Equal(d.Value, changed[d.Key]));

        await writer.RemoveAllAsync(stop);
        Assert.Equal(before, await DocumentsAsync());
        Assert.Equal(0, writer.Written);
    }

    [Fact]
    public async Task Writes_documents_that_the_contract_accepts_under_keys_that_nobody_has()
    {
        var writer = await SourceWriter.OpenAsync(connection, source, Subjects.Community, 1, stop);
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
            await (i % 3 == 2 ? writer.UpdateAsync(random, stop) : writer.InsertAsync(random, stop));
        var documents = await DocumentsAsync();
        foreach (var dataset in Subjects.Community.Datasets)
        {
            var validator = new DocumentValidator(dataset);
            Assert.All(documents.Where(d => d.Key.StartsWith(dataset.Name, StringComparison.Ordinal)), d => Assert.DoesNotContain(validator.Explain(Convert.FromHexString(d.Value)), v => v.Severity == Violation.Error));
        }
        // Children have keys of their own, which are as new as the document's.
        var users = Subjects.Community.Datasets[0];
        var places = documents.Where(d => d.Key.StartsWith("users", StringComparison.Ordinal))
            .SelectMany(d => Chaos.Corruption.Place.In(Chaos.Corruption.DescribedField.Of(users), Convert.FromHexString(d.Value)))
            .Where(p => !p.IsNothing && !p.Described.IsShared && !p.IsElement && (p.Field.KeyPosition > 0 || p.Field.Unique)).ToArray();
        Assert.True(places.Select(p => p.Field.Path).Distinct().Count() >= 4);
        Assert.All(places.GroupBy(p => p.Field.Path), field => Assert.Distinct(field.Select(p => Convert.ToHexString(p.Value.Span))));
    }

    [Fact]
    public async Task Has_nothing_to_copy_in_an_empty_source()
    {
        await using var empty = MongoServer.Start(new MongoServerOptions());
        using var there = MongoConnection.Open(empty.Uri);
        foreach (var dataset in Subjects.Community.Datasets)
            await there.CommandAsync(Subjects.Community.Database!, Bson.Make(w => w.Write("create", dataset.SourceName)), stop);
        await using var nothing = new MongoSource(empty.Uri, Subjects.Community);
        string said = (await Assert.ThrowsAsync<UsageException>(() => SourceWriter.OpenAsync(there, nothing, Subjects.Community, 1, stop))).Message;
        Assert.Contains("'community' has none that its contract accepts", said);
    }
}
